// npm run build: builds all anew. `npm run build -- server`, `-- types` or `-- pages` builds one; `--stale` builds only what
// changed.
import { buildable, ensureBuilt } from './lib/builds.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript, say, Trouble } from './lib/progress.mjs';

await runScript(async () => {
  const args = process.argv.slice(2);
  const force = !args.includes('--stale');
  const only = args.filter((arg) => arg !== '--stale');
  const unknown = only.find((name) => !buildable.includes(name));
  if (unknown !== undefined) {
    throw new Trouble(`there is no "${unknown}" to build: ${buildable.join(', ')}.`, {
      exitCode: 2,
    });
  }
  await ensureInstalled();
  const chosen = only.length > 0 ? { only } : force ? { only: buildable } : {};
  const built = await ensureBuilt({ force, ...chosen });
  if (built.length > 0) say(`built: ${built.join(', ')}`);
});
