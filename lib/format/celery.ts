const MOST = 3;

/** What workers run, for a title: `py-celery 5.7.0` is `Celery 5.7`; other software keeps its name. */
export function celeryName(software: readonly string[]): string {
  const versions = new Set<string>();
  const others = new Set<string>();
  for (const one of software) {
    const [name = '', version = ''] = one.split(' ');
    if (name === 'py-celery') versions.add(version.split('.').slice(0, 2).join('.'));
    else others.add(name);
  }
  if (versions.size === 0 && others.size > 0) return [...others].slice(0, MOST).join(', ');
  const known = [...versions].filter((version) => version !== '');
  known.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return known.length === 0 ? 'Celery' : `Celery ${known.slice(-MOST).join(', ')}`;
}
