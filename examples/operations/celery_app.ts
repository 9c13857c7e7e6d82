// What an operator does: events, remote control, commands of the app's own. Its worker sends events: `-E`.
import { Celery } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('operations', { broker, backend: process.env['BACKEND'] ?? broker });

export const add = app.task('operations.add', (x: number, y: number) => x + y);
export const forever = app.task('operations.forever', (): number => {
  for (;;);
});

let greeted = 0;
app.controlCommand('greet', ({ name }) => {
  greeted += 1;
  return { ok: `Hello, ${String(name)}! You are number ${String(greeted)}.` };
});
