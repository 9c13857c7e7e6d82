// Which commands a worker can carry out, and why one would not work. Pure: from its stats and settings.
import type { WorkerDetail } from '../../lib/contract/index.ts';
import { isUmbelPool, poolName } from './pool-name.ts';
import type { WorkerEntry } from './worker-book.ts';

type Support = WorkerDetail['supports'][string];

const YES: Support = { ok: true, reason: null };
const no = (reason: string): Support => ({ ok: false, reason });

export const SILENT =
  'It answers no commands: its setting worker_enable_remote_control may be off, or it is blocked';
const ALL_COMMANDS = [
  ...['terminate', 'pool_grow', 'pool_shrink', 'autoscale', 'pool_restart', 'time_limit'],
  ...['add_consumer', 'cancel_consumer', 'rate_limit', 'enable_events', 'disable_events'],
  'shutdown',
];

const UNKNOWN_POOL = 'Its pool is not known yet';

export function supportsOf(entry: WorkerEntry): WorkerDetail['supports'] {
  if (entry.sections.stats.reason === SILENT) {
    return Object.fromEntries(ALL_COMMANDS.map((command) => [command, no(SILENT)]));
  }
  const pool = poolName(entry.stats);
  const autoscaled = entry.stats?.autoscaler !== null && entry.stats?.autoscaler !== undefined;
  const isOwn = isUmbelPool(entry.stats);
  const resize = isOwn && pool !== 'solo' ? YES : resizeSupport(pool, autoscaled);
  return {
    terminate: isOwn ? YES : terminateSupport(pool),
    pool_grow: resize,
    pool_shrink: resize,
    autoscale:
      entry.stats === null
        ? no(UNKNOWN_POOL)
        : autoscaled
          ? YES
          : no('It was started without --autoscale'),
    pool_restart:
      entry.poolRestarts === true
        ? YES
        : no(
            entry.poolRestarts === false
              ? 'Needs the setting worker_pool_restarts'
              : 'Its settings are not known yet',
          ),
    time_limit:
      isOwn || pool === 'prefork' || pool === 'processes'
        ? YES
        : no(pool === null ? UNKNOWN_POOL : `The ${pool} pool has no hard time limits`),
  };
}

function terminateSupport(pool: string | null): Support {
  if (pool === null) return no(UNKNOWN_POOL);
  return pool === 'prefork' || pool === 'processes'
    ? YES
    : no(`The ${pool} pool cannot terminate a running task; revoke works for waiting ones`);
}

function resizeSupport(pool: string | null, autoscaled: boolean): Support {
  if (pool === null) return no(UNKNOWN_POOL);
  if (pool === 'solo') return no('The solo pool has one slot');
  if (pool === 'threads') return no('The threads pool cannot be resized');
  return autoscaled ? no('Autoscaling decides about the size of its pool') : YES;
}
