// npm run bench: the benchmarks, against the built server.
import { ensureBuilt } from './lib/builds.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript } from './lib/progress.mjs';
import { run } from './lib/run.mjs';

await runScript(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const args = ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)];
  const { code } = await run(process.execPath, args, { show: true });
  return code;
});
