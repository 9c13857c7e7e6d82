// Finds the module that `-A` names: `celery_app`, `src/celery_app.ts`, `shop.celery_app`, `shop:app`.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { AppPlace } from '../../worker/load-app.ts';

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cts', '.cjs'];

/** Throws AppError bad_configuration when there is no such module. */
export function findApp(spec: string, directory: string): Pick<AppPlace, 'file' | 'attribute'> {
  const [path = '', attribute] = spec.split(/:(?=[\w$]+$)/);
  const found = candidates(path, directory).find(isFile);
  if (found === undefined) {
    throw new AppError(
      'bad_configuration',
      `There is no module "${path}" in ${directory} (looked for ${EXTENSIONS.join(', ')}).`,
    );
  }
  return { file: found, attribute: attribute ?? null };
}

function candidates(path: string, directory: string): string[] {
  const dotted = path.replaceAll('.', '/');
  return [path, dotted].flatMap((name) => {
    const base = resolve(directory, name);
    const files = [base, join(base, 'celery'), join(base, 'celery_app'), join(base, 'index')];
    return [base, ...files.flatMap((file) => EXTENSIONS.map((extension) => file + extension))];
  });
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
