// Tasks to compose.
import { Celery } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('canvas', { broker, backend: process.env['BACKEND'] ?? broker });

export const add = app.task('canvas.add', (x: number, y: number) => x + y);
export const total = app.task('canvas.total', (numbers: number[]) =>
  numbers.reduce((sum, number) => sum + number, 0),
);
export const fail = app.task('canvas.fail', (): number => {
  throw new Error('on purpose');
});
export const note = app.task('canvas.note', (id: string) => `${id} failed`);
export const double = app.task(
  'canvas.double',
  (context, x: number): number => context.replace(add.s(x, x)),
  { bind: true },
);
