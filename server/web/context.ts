// What every route has at hand.
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { WebCluster, WebDeps } from './deps.ts';

export type WebContext = { deps: WebDeps; clock: Clock };

/** Throws not_found with the names there are. */
export function requireCluster(context: WebContext, name: string): WebCluster {
  const cluster = context.deps.clusters.get(name);
  if (cluster !== undefined) return cluster;
  const names = [...context.deps.clusters.keys()].join(', ');
  throw new AppError('not_found', `There is no cluster "${name.slice(0, 100)}". Known: ${names}.`);
}

export function defaultCluster(context: WebContext): WebCluster {
  return requireCluster(context, context.deps.defaultCluster);
}
