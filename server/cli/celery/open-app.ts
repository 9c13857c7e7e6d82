// The app of a command: the user's, or a nameless one for a broker alone.
import { Celery } from '../../client/celery.ts';
import { AppError } from '../../core/errors.ts';
import { entryUrl } from '../../core/entries.ts';
import { loadApp, type AppPlace } from '../../worker/load-app.ts';
import type { Globals } from './context.ts';
import { findApp } from './find-app.ts';

export function placeOf({ app, broker, resultBackend }: Globals): AppPlace {
  if (app === null) {
    throw new AppError('bad_configuration', 'Name the module of your app: -A <module>.');
  }
  return {
    ...findApp(app, process.cwd()),
    umbel: entryUrl('umbel').href,
    settings: {
      ...(broker === null ? {} : { brokerUrl: broker }),
      ...(resultBackend === null ? {} : { resultBackend }),
    },
  };
}

/** Not connected yet. */
export async function openApp(globals: Globals): Promise<Celery> {
  if (globals.app !== null) return loadApp(placeOf(globals));
  const { broker, resultBackend } = globals;
  if (broker === null) {
    throw new AppError('bad_configuration', 'Name an app (-A <module>) or a broker (-b <url>).');
  }
  return new Celery('umbel', { broker, backend: resultBackend });
}

/** Opens, works, and closes. */
export async function withApp<T>(globals: Globals, work: (app: Celery) => Promise<T>): Promise<T> {
  const app = await openApp(globals);
  try {
    await app.connect();
    return await work(app);
  } finally {
    await app.close();
  }
}
