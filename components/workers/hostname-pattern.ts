const POD_SUFFIX = /^[bcdfghjklmnpqrstvwxz2456789]{5}$/;

function looksGenerated(segment: string): boolean {
  return /\d/.test(segment) || POD_SUFFIX.test(segment);
}

/** What the hostnames of one deployment share: `celery@web-7d9f8b6c5-x2x9z` → `celery@web-*`, `celery@node12` → `celery@node*`. */
export function toHostnamePattern(hostname: string): string {
  const at = hostname.indexOf('@');
  const prefix = hostname.slice(0, at + 1);
  const [label = '', ...domain] = hostname.slice(at + 1).split('.');
  const segments = label.split('-');
  let kept = segments.length;
  while (kept > 1 && looksGenerated(segments[kept - 1] ?? '')) kept -= 1;
  const name = segments.slice(0, kept).join('-');
  const pattern = kept < segments.length ? `${name}-*` : name.replace(/\d+$/, '*');
  return prefix + [pattern, ...domain].join('.');
}
