// `--detach`: the same command line once more, in a process of its own that outlives this one. What it has to say goes to its log file.
import { spawn } from 'node:child_process';

/** The process id of the one that goes on. */
export async function detach(): Promise<number> {
  const [script = '', ...words] = process.argv.slice(1);
  const kept = words.filter((word) => word !== '--detach' && word !== '-D');
  const child = spawn(process.execPath, [...process.execArgv, script, ...kept], {
    detached: true,
    stdio: 'ignore',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  return child.pid ?? 0;
}
