// npm run build: builds both halves anew. `npm run build -- server` or `-- pages` builds one; `--stale` builds only what
// changed.
import { ensureBuilt } from './lib/builds.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript, say, Trouble } from './lib/progress.mjs';

await runScript(async () => {
  const args = process.argv.slice(2);
  const force = !args.includes('--stale');
  const only = args.filter((arg) => arg !== '--stale');
  const unknown = only.find((name) => name !== 'server' && name !== 'pages');
  if (unknown !== undefined) {
    throw new Trouble(`there is no "${unknown}" to build: server or pages.`, { exitCode: 2 });
  }
  await ensureInstalled();
  const built = await ensureBuilt({ force, ...(only.length > 0 ? { only } : {}) });
  if (built.length > 0) say(`built: ${built.join(', ')}`);
});
