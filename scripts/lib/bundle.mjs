// The server as few files as it can be: every process and thread loads what it needs, libraries included, from a chunk or two. Hundreds of
// small modules cost each start more than all the rest.
import { readdirSync } from 'node:fs';
import { inRoot, root } from './paths.mjs';
import { Trouble } from './progress.mjs';

/** They load files of their own by path: binaries, workers, a compiler, pages. */
const STAY_OUTSIDE = ['better-sqlite3', 'jiti', 'next', 'piscina', 'tsx'];

/** What server/core/entries.ts names, and the command line. */
const isEntry = (path) =>
  /^(main|umbel|demo\/tasks)\.ts$|(^|\/)(thread|[\w-]+-(thread|process))\.ts$/.test(path) &&
  !/-test-/.test(path);

// Libraries of CommonJS, which a module has none of.
const COMMON_JS = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

export async function bundleServer() {
  // Only now: in a fresh clone this file is read before packages are installed.
  const { build } = await import('esbuild');
  const paths = readdirSync(inRoot('server'), { recursive: true }).filter(isEntry);
  try {
    await build({
      absWorkingDir: root,
      entryPoints: paths.map((path) => `server/${path}`),
      outbase: '.',
      outdir: 'dist',
      chunkNames: 'server/chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20.20',
      external: STAY_OUTSIDE,
      banner: { js: COMMON_JS },
      sourcemap: true,
      legalComments: 'eof',
      logLevel: 'warning',
    });
  } catch (error) {
    throw new Trouble('the server does not build; see above.', { cause: error });
  }
}
