// Code that starts by itself: threads, processes, demo tasks, and what users import. Where each lies, from source and from the build, in
// which a module no longer knows its neighbours.
import { isBuildFresh } from './env.ts';
import { packageRoot } from './package.ts';

/** Below `server/`, without the extension. scripts/lib/bundle.mjs finds them by the same names. */
export type Entry =
  | 'broker/redis/event-thread'
  | 'collector/thread'
  | 'demo/demo-thread'
  | 'demo/tasks'
  | 'store/sqlite/checkpoint-thread'
  | 'store/sqlite/reader-thread'
  | 'umbel'
  | 'worker/pool/task-process'
  | 'worker/pool/task-thread';

const runsBuilt = import.meta.url.endsWith('.js');
/** They hold code of whoever starts them, such as a test's tasks: the build would bring its classes a second time. */
const HOLDS_OTHERS: ReadonlySet<Entry> = new Set([
  ...(['demo/demo-thread', 'demo/tasks', 'umbel'] as const),
  ...(['worker/pool/task-process', 'worker/pool/task-thread'] as const),
]);

/** The file URL of an entry. TypeScript costs each thread a compiler of its own, so a build that is known to be fresh is taken. */
export function entryUrl(entry: Entry): URL {
  const isBuilt = runsBuilt || (isBuildFresh && !HOLDS_OTHERS.has(entry));
  return fileIn(`${entry}.${isBuilt ? 'js' : 'ts'}`, isBuilt);
}

/** The file URL of what is no code of ours to compile, such as a text or a module that starts others. */
export function assetUrl(path: string): URL {
  return fileIn(path, runsBuilt);
}

function fileIn(path: string, isBuilt: boolean): URL {
  return new URL(`${isBuilt ? 'dist/' : ''}server/${path}`, packageRoot());
}
