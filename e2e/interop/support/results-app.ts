// The app of our side in the tests of result backends: the pool loads it, with the broker and the backend of the test.
import { Celery } from 'umbel';
import { registerTasks } from './canvas-tasks.ts';

export const app = new Celery('results', { result_extended: true });
export const tasks = registerTasks(app);
