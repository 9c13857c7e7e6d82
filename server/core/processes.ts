// Starts a child process from a module of ours, as TypeScript (development, tests) or as built JavaScript (production).
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { assetUrl, entryUrl, type Entry } from './entries.ts';

/**
 * Starts an entry in a process. It is told `data` by its first message; both sides exchange whatever structured cloning takes. It ends
 * when this process does.
 */
export function startProcess(
  entry: Entry,
  data: unknown,
  nodeOptions: readonly string[] = [],
): ChildProcess {
  const boot = fileURLToPath(assetUrl('core/process-boot.mjs'));
  const child = fork(boot, [entryUrl(entry).href], {
    serialization: 'advanced',
    execArgv: [...nodeOptions],
  });
  child.send(data as object, () => undefined);
  return child;
}
