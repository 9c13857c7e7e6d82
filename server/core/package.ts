// Where this package lies and which version it is, from source and from the build alike.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, as a URL with a slash at its end. */
export function packageRoot(): URL {
  for (let at = new URL('./', import.meta.url); ; at = new URL('../', at)) {
    if (existsSync(new URL('package.json', at)) || at.pathname === '/') return at;
  }
}

export function packageVersion(): string {
  const text = readFileSync(fileURLToPath(new URL('package.json', packageRoot())), 'utf8');
  const { version } = JSON.parse(text) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}
