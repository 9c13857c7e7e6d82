// Names of nodes: `w1@%h`, `w1`, or nothing; `%h` is the host with its domain, `%n` without, `%d` the domain.
import { hostname as machine } from 'node:os';

export function expandNodeName(given: string | undefined, host = machine()): string {
  const [name = '', ...domain] = host.split('.');
  const text = given ?? 'celery@%h';
  const full = text.includes('@') ? text : `${text}@%h`;
  return full
    .replaceAll('%h', host)
    .replaceAll('%n', name)
    .replaceAll('%d', domain.join('.'))
    .replaceAll('%%', '%');
}
