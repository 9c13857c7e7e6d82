// What is built: the server into dist/, its declarations beside it, the pages by Next. Each is built when its sources differ from those of its
// last build, which dist/.build.json remembers.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bundleServer } from './bundle.mjs';
import { fingerprint } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { inRoot, root } from './paths.mjs';
import { step, Trouble } from './progress.mjs';
import { runPackage } from './run.mjs';

const record = inRoot('dist/.build.json');
const isTest = (path) => /\.(test|contract)\.tsx?$/.test(path);
const isCode = (path) => /\.tsx?$/.test(path);

const parts = {
  server: {
    label: 'building the server',
    sources: ['server', 'lib', 'scripts/lib/bundle.mjs', 'package-lock.json'],
    output: inRoot('dist/server/main.js'),
    build: buildServer,
  },
  types: {
    label: 'writing the declarations',
    sources: ['server', 'lib', 'tsconfig.json', 'tsconfig.server.json', 'package-lock.json'],
    output: inRoot('dist/server/umbel.d.ts'),
    build: buildTypes,
  },
  pages: {
    label: 'building the pages',
    sources: [
      ...['app', 'components', 'lib', 'public', 'next.config.js', 'postcss.config.mjs'],
      'package-lock.json',
    ],
    output: inRoot('.next/BUILD_ID'),
    build: buildPages,
  },
};

/** Names of what can be built. Nothing that runs needs the declarations: they are for those who import the package. */
export const buildable = Object.keys(parts);
const RUNNING = ['server', 'pages'];

/** Builds what is stale; answers the names of what was built. */
export async function ensureBuilt({ force = false, only = RUNNING } = {}) {
  const stale = only.filter((name) => force || isStale(name));
  if (stale.length === 0) return [];
  return withLock('build', async () => {
    const built = [];
    for (const name of stale) {
      const part = parts[name];
      if (!force && !isStale(name)) continue;
      const sources = toFingerprint(part);
      await step(part.label, part.build);
      mkdirSync(dirname(record), { recursive: true });
      writeFileSync(record, JSON.stringify({ ...readRecord(), [name]: sources }));
      built.push(name);
    }
    return built;
  });
}

function isStale(name) {
  const part = parts[name];
  return !existsSync(part.output) || readRecord()[name] !== toFingerprint(part);
}

function toFingerprint(part) {
  return fingerprint(part.sources, (path) => !isTest(path));
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(record, 'utf8'));
  } catch {
    return {};
  }
}

async function buildServer() {
  for (const room of ['server', 'lib'])
    rmSync(inRoot('dist', room), { recursive: true, force: true });
  await bundleServer();
  copyAssets('server');
}

async function buildTypes() {
  const result = await runPackage('typescript/bin/tsc', ['-p', 'tsconfig.server.json']);
  if (result.code !== 0)
    throw new Trouble('no declarations come of the sources; see above.', result);
}

// Whatever is not TypeScript travels along: SQL, texts, and the module that starts threads.
function copyAssets(room) {
  for (const entry of readdirSync(inRoot(room), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(root, file);
    if (!entry.isFile() || isCode(path) || /(^|\/)(vectors|fixtures)\//.test(path)) continue;
    mkdirSync(dirname(inRoot('dist', path)), { recursive: true });
    cpSync(file, inRoot('dist', path));
  }
}

async function buildPages() {
  const result = await runPackage('next/dist/bin/next', ['build'], {
    env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });
  if (result.code !== 0) throw new Trouble('the pages do not build; see above.', result);
}
