import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './builds.mjs';
import { ensureInstalled } from './install.mjs';
import { inRoot } from './paths.mjs';
import { runScript } from './progress.mjs';
import { stopHandlingSignals } from './run.mjs';

/** Prepares what is needed, then runs the built server in this very process: signals and exit codes are its own. */
export function serve(args) {
  return runScript(async () => {
    await ensureInstalled();
    await ensureBuilt();
    const main = inRoot('dist/server/main.js');
    stopHandlingSignals();
    process.env.NODE_ENV = 'production';
    process.argv = [process.argv[0], main, ...args];
    await import(pathToFileURL(main).href);
  });
}
