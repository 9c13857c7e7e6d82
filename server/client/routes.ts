// Where a task goes by `task_routes`. Mirrors celery.app.routes: tables are asked in order and the first that knows the task
// answers; within a table the exact name comes first, then patterns in the order they were written.
import type { ApplyOptions } from './apply-options.ts';

/** Where a task goes, and how. */
export type Route = Pick<
  ApplyOptions,
  'queue' | 'exchange' | 'routingKey' | 'priority' | 'serializer' | 'compression'
>;

/** Asked for each call. Null or undefined: the next table is asked. */
export type RouteFunction = (
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
) => Route | string | null | undefined;

/** Names, globs (`reports.*`) or regular expressions, with a route or the name of a queue. */
export type RoutePattern = readonly [string | RegExp, Route | string];
type RouteRecord = Readonly<Record<string, Route | string>>;
/** `task_routes`: one table or several, asked in order. */
export type RouteTable =
  null | RouteRecord | RouteFunction | readonly (RouteRecord | RouteFunction | RoutePattern)[];

export function routeOf(
  table: RouteTable,
  name: string,
  args: readonly unknown[] = [],
  kwargs: Readonly<Record<string, unknown>> = {},
): Route | null {
  if (table === null) return null;
  const tables = Array.isArray(table)
    ? (table as readonly (RouteRecord | RouteFunction | RoutePattern)[])
    : [table as RouteRecord | RouteFunction];
  for (const one of tables) {
    const found = typeof one === 'function' ? one(name, args, kwargs) : lookUp(one, name);
    if (found !== null && found !== undefined) return toRoute(found);
  }
  return null;
}

function lookUp(table: RouteRecord | RoutePattern, name: string): Route | string | null {
  const entries = isPattern(table) ? [table] : Object.entries(table);
  const exact = entries.find(([pattern]) => pattern === name);
  if (exact !== undefined) return exact[1];
  for (const [pattern, route] of entries) {
    const matcher = typeof pattern === 'string' ? globToRegExp(pattern) : pattern;
    if (matcher.test(name)) return route;
  }
  return null;
}

function isPattern(table: RouteRecord | RoutePattern): table is RoutePattern {
  return Array.isArray(table);
}

/** Celery's own spelling of keys is read as well. */
function toRoute(found: Route | string): Route {
  if (typeof found === 'string') return { queue: found };
  const { routing_key: routingKey, ...route } = found as Route & { routing_key?: string };
  return routingKey === undefined ? route : { ...route, routingKey };
}

const globs = new Map<string, RegExp>();

/** Python's fnmatch: `*`, `?`, `[abc]`, `[!abc]`. */
function globToRegExp(glob: string): RegExp {
  let matcher = globs.get(glob);
  if (matcher === undefined) {
    const source = glob.replace(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g, (part, not, set) => {
      if (part === '*') return '.*';
      if (part === '?') return '.';
      if (typeof set === 'string')
        return `[${not === '!' ? '^' : ''}${set.replace(/\\/g, '\\\\')}]`;
      return `\\${part}`;
    });
    matcher = new RegExp(`^${source}$`, 's');
    globs.set(glob, matcher);
  }
  return matcher;
}
