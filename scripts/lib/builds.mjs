// The two halves that are built: the server into dist/, the pages by Next. Each is built when its sources differ from
// those of its last build, which dist/.build.json remembers.
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
import { fingerprint } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { inRoot, root } from './paths.mjs';
import { step, Trouble } from './progress.mjs';
import { runPackage } from './run.mjs';

const record = inRoot('dist/.build.json');
const isTest = (path) => /\.(test|contract)\.tsx?$/.test(path);
const isCode = (path) => /\.tsx?$/.test(path);

const halves = {
  server: {
    label: 'building the server',
    sources: ['server', 'lib', 'tsconfig.json', 'tsconfig.server.json', 'package-lock.json'],
    output: inRoot('dist/server/main.js'),
    build: buildServer,
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

/** Builds what is stale; answers the names of the halves that were built. */
export async function ensureBuilt({ force = false, only = Object.keys(halves) } = {}) {
  const stale = only.filter((name) => force || isStale(name));
  if (stale.length === 0) return [];
  return withLock('build', async () => {
    const built = [];
    for (const name of stale) {
      const half = halves[name];
      if (!force && !isStale(name)) continue;
      const sources = toFingerprint(half);
      await step(half.label, half.build);
      mkdirSync(dirname(record), { recursive: true });
      writeFileSync(record, JSON.stringify({ ...readRecord(), [name]: sources }));
      built.push(name);
    }
    return built;
  });
}

function isStale(name) {
  const half = halves[name];
  return !existsSync(half.output) || readRecord()[name] !== toFingerprint(half);
}

function toFingerprint(half) {
  return fingerprint(half.sources, (path) => !isTest(path));
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
  const result = await runPackage('typescript/bin/tsc', ['-p', 'tsconfig.server.json']);
  if (result.code !== 0) throw new Trouble('the server does not build; see above.', result);
  for (const room of ['server', 'lib']) copyAssets(room);
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
