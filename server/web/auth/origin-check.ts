// Against requests that other pages make in the name of whoever looks at them: where a browser says who asks, it must be us.
import type { WebOptions } from '../deps.ts';
import type { RequestFacts } from './request-facts.ts';

export function isOwnOrigin(
  facts: Pick<RequestFacts, 'origin' | 'hosts' | 'fetchSite'>,
  options: Pick<WebOptions, 'allowedOrigins'>,
): boolean {
  const { origin, fetchSite, hosts } = facts;
  if (origin === null) {
    return fetchSite === null || fetchSite === 'same-origin' || fetchSite === 'none';
  }
  const url = URL.parse(origin);
  if (url === null || url.host === '') return false;
  if (options.allowedOrigins.some((allowed) => URL.parse(allowed)?.origin === url.origin)) {
    return true;
  }
  // The scheme is the origin's own: behind a proxy that ends TLS we do not see it, and it drops the default port.
  return hosts.some((host) => URL.parse(`${url.protocol}//${host}`)?.host === url.host);
}
