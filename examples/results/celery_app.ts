// Results in an SQL database, in Celery's own tables, with all that is known of each task.
import { Celery } from 'umbel';

export const app = new Celery('results', {
  broker: process.env['BROKER'] ?? 'redis://localhost:6379/0',
  backend: process.env['SQL_BACKEND'] ?? 'db+sqlite:///results.sqlite3',
  resultExtended: true,
  result_expires: 3600,
});

export const greet = app.task('results.greet', (name: string) => ({ text: `Hello, ${name}!` }));
export const forgetful = app.task('results.forgetful', () => 'nobody reads this', {
  ignoreResult: true,
});
