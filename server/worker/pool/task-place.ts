// Where the tasks of a worker are defined, and how a thread or a process of the pool gets at them: a module of ours, or the module of a
// user's app, which may be TypeScript whatever runs us.
import { loadTasks, type TaskModule, type TaskSource } from '../../client/load-tasks.ts';
import { loadApp, type AppPlace } from '../load-app.ts';

export type TaskPlace = ({ type: 'module'; href: string } | ({ type: 'app' } & AppPlace)) & {
  hostname: string;
  /** Each end of a task tells what its carrier holds. */
  measuresMemory: boolean;
};

export async function openTasks(place: TaskPlace): Promise<TaskSource> {
  if (place.type === 'app') return loadApp(place);
  return loadTasks((await import(place.href)) as TaskModule);
}
