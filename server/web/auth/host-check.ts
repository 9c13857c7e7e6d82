// Against DNS rebinding: a page elsewhere can point its own name at our address, but it cannot choose another name than its own. An
// address literal cannot be rebound, so every literal is fine; names must be known.
import { isIP } from 'node:net';
import type { WebOptions } from '../deps.ts';

/** `Host` without the port, lower case, without brackets and final dot; null when it is no host. */
export function hostName(host: string): string | null {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9_.-]+))(?::\d{1,5})?$/i.exec(host.trim());
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, '');
}

export function isAllowedHost(
  host: string,
  options: Pick<WebOptions, 'host' | 'allowedHosts'>,
): boolean {
  if (options.allowedHosts.includes('*')) return true;
  const name = hostName(host);
  if (name === null) return false;
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) return true;
  return [options.host, ...options.allowedHosts].some(
    (allowed) => hostName(allowed) === name || isUnder(name, allowed),
  );
}

/** `.example.org` allows every name below it. */
function isUnder(name: string, allowed: string): boolean {
  return allowed.startsWith('.') && allowed.length > 1 && name.endsWith(allowed.toLowerCase());
}
