// Names of nodes: `w1@%h`, `w1`, or nothing; `%h` is the host with its domain, `%n` without, `%d` the domain. And names of files of a node: there `%n`
// is what comes before the `@`, `%p` the whole.
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

/** Of `/run/%n.pid` for `w1@host.org`: `/run/w1.pid`. */
export function expandNodeFile(path: string, nodeName: string): string {
  const at = nodeName.lastIndexOf('@');
  const host = nodeName.slice(at + 1);
  const parts: Readonly<Record<string, string>> = {
    '%%': '%',
    '%p': nodeName,
    '%n': at === -1 ? nodeName : nodeName.slice(0, at),
    '%h': host,
    '%d': host.split('.').slice(1).join('.'),
  };
  return path.replace(/%[%pnhd]/g, (sign) => parts[sign] ?? sign);
}
