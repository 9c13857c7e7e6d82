// Starts a child process from a module of ours, as TypeScript (development, tests) or as built JavaScript (production).
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtEntry } from './threads.ts';

/**
 * Starts the module at `entry` (a file URL: `new URL('./x-process.ts', import.meta.url)`) in a process. It is told `data` by
 * its first message; both sides exchange whatever structured cloning takes. It ends when this process does.
 */
export function startProcess(
  entry: URL,
  data: unknown,
  nodeOptions: readonly string[] = [],
): ChildProcess {
  const boot = fileURLToPath(new URL('./process-boot.mjs', import.meta.url));
  const child = fork(boot, [builtEntry(entry)], {
    serialization: 'advanced',
    execArgv: [...nodeOptions],
  });
  child.send(data as object, () => undefined);
  return child;
}
