// Runs a TypeScript program of ours with this terminal, and answers its exit code.
import { ensureInstalled } from './install.mjs';
import { runScript } from './progress.mjs';
import { run } from './run.mjs';

export function runTypeScript(file, args, { env = {}, nodeArgs = [] } = {}) {
  return runScript(async () => {
    await ensureInstalled();
    const all = [...nodeArgs, '--import', 'tsx', file, ...args];
    const { code } = await run(process.execPath, all, { show: true, env });
    return code;
  });
}
