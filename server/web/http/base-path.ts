// Addresses under any base path: with it, without it (a proxy that strips it), with and without a trailing slash.

/** The address as the routes know it: without the base path, starting with `/`, the query untouched. */
export function stripBasePath(url: string, basePath: string): string {
  const target = url.startsWith('/') ? url : pathOfAbsolute(url);
  if (basePath === '' || !target.startsWith(basePath)) return target;
  const rest = target.slice(basePath.length);
  if (rest === '') return '/';
  if (rest.startsWith('/')) return rest;
  return rest.startsWith('?') ? `/${rest}` : target;
}

/** The address as Next knows it: under the base path, without a trailing slash. */
export function pageUrl(strippedUrl: string, basePath: string): string {
  const queryAt = strippedUrl.indexOf('?');
  const path = queryAt === -1 ? strippedUrl : strippedUrl.slice(0, queryAt);
  const query = queryAt === -1 ? '' : strippedUrl.slice(queryAt);
  const trimmed = path.replace(/\/+$/, '');
  const full = `${basePath}${trimmed}`;
  return `${full === '' ? '/' : full}${query}`;
}

/** Requests may carry `http://host/path` or, for OPTIONS, `*`. */
function pathOfAbsolute(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url);
  const rest = match?.[1] ?? '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
}
