// Loads the module in which a user's app is built. It may be TypeScript, and what it imports as `umbel` is what runs here.
import { createJiti } from 'jiti';
import type { Celery } from '../client/celery.ts';
import { exportedApp } from '../client/load-tasks.ts';
import { AppError, errorText } from '../core/errors.ts';

export type AppPlace = {
  file: string;
  /** The export that is the app; null: `app`, `celery`, the default one, or the first that is an app. */
  attribute: string | null;
  /** The module that the user's import of `umbel` means, as a URL. */
  umbel: string;
  /** What the command line says otherwise. */
  settings: { brokerUrl?: string; resultBackend?: string };
};

/** Throws AppError bad_configuration when the module cannot be loaded or holds no app. */
export async function loadApp({ file, attribute, umbel, settings }: AppPlace): Promise<Celery> {
  const jiti = createJiti(import.meta.url, {
    moduleCache: true,
    virtualModules: { umbel: (await import(umbel)) as Record<string, unknown> },
  });
  let module: Record<string, unknown>;
  try {
    module = await jiti.import<Record<string, unknown>>(file);
  } catch (error) {
    throw new AppError('bad_configuration', `${file} cannot be loaded: ${errorText(error)}`, {
      cause: error,
    });
  }
  const found =
    attribute === null
      ? (exportedApp(module) ?? exportedApp({ app: onlyApp(module) }))
      : exportedApp({ app: module[attribute] });
  if (found === null) {
    const what = attribute === null ? 'no app' : `no app called "${attribute}"`;
    throw new AppError('bad_configuration', `${file} exports ${what}.`);
  }
  const app = found as unknown as Celery;
  app.conf.update(settings);
  return app;
}

function onlyApp(module: Record<string, unknown>): unknown {
  return Object.values(module).find((value) => exportedApp({ app: value }) !== null);
}
