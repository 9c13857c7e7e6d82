// Installs the packages of package-lock.json when node_modules does not hold them.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { canUseApt, installWithApt } from './apt.mjs';
import { withLock } from './lock.mjs';
import { inRoot, nodeModules } from './paths.mjs';
import { step, Trouble } from './progress.mjs';
import { findProgram, run } from './run.mjs';

const sqliteBinary = join(nodeModules, 'better-sqlite3/build/Release/better_sqlite3.node');

class CompilerMissing extends Trouble {}

export async function ensureInstalled() {
  if (isInstalled() && sqliteLoads()) return false;
  return withLock('install', async () => {
    if (!isInstalled()) await withCompiler('installing packages', installPackages);
    if (!sqliteLoads()) await withCompiler('building the SQLite driver', buildSqlite);
    return true;
  });
}

/** Once more with a compiler, where none was found and one may be installed. */
async function withCompiler(label, work) {
  try {
    await step(label, work);
  } catch (error) {
    if (!(error instanceof CompilerMissing) || !canUseApt()) throw error;
    if (!(await installWithApt('a C++ compiler', ['build-essential', 'python3']))) throw error;
    await step(label, work);
  }
}

function isInstalled() {
  const wanted = readPackages(inRoot('package-lock.json'));
  const present = readPackages(join(nodeModules, '.package-lock.json'));
  if (present === null) return false;
  if (wanted === null) return true;
  return Object.entries(wanted).every(
    ([place, entry]) =>
      place === '' || entry.optional || entry.link || present[place]?.version === entry.version,
  );
}

// It does not where install scripts were switched off, or where another major of Node compiled it.
function sqliteLoads() {
  try {
    createRequire(import.meta.url)(sqliteBinary);
    return true;
  } catch {
    return false;
  }
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

async function installPackages() {
  const hasLock = existsSync(inRoot('package-lock.json'));
  let result = hasLock ? await npm(['ci']) : { code: 1, output: '' };
  if (result.code !== 0 && !isNetworkTrouble(result.output) && !isCompilerTrouble(result.output)) {
    result = await npm(['install']);
  }
  if (result.code !== 0) throw toTrouble(result.output);
}

async function buildSqlite() {
  const result = await npm(['rebuild', 'better-sqlite3', '--ignore-scripts=false']);
  if (result.code !== 0 || !sqliteLoads()) throw toTrouble(result.output);
}

// npm itself runs beside Node; its own script is called, so that no shell and no PATH is needed.
function npm(args) {
  const script = process.env.npm_execpath;
  const options = { env: { ...compileEnvironment(), npm_config_loglevel: 'error' } };
  const rest = [...args, '--no-audit', '--no-fund', '--include=dev'];
  if (script?.endsWith('.js') && existsSync(script)) {
    return run(process.execPath, [script, ...rest], options);
  }
  const beside = join(dirname(process.execPath), process.platform === 'win32' ? 'npm.cmd' : 'npm');
  return run(existsSync(beside) ? beside : 'npm', rest, options);
}

// node-gyp downloads Node's headers unless it is told where they are.
function compileEnvironment() {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, 'include/node/node.h'));
  const isChosen = process.env.npm_config_nodedir !== undefined;
  return hasHeaders && !isChosen ? { npm_config_nodedir: prefix } : {};
}

function isNetworkTrouble(output) {
  return /\b(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET)\b/.test(output);
}

function isCompilerTrouble(output) {
  return /gyp ERR!|node-gyp/.test(output);
}

function toTrouble(output) {
  const missing = [
    ['python3', 'python3', 'python'],
    ['make', 'make', 'gmake'],
    ['a C++ compiler', 'g++', 'c++', 'clang++'],
  ].filter(([, ...names]) => findProgram(...names) === null);
  if (isCompilerTrouble(output) && missing.length > 0) {
    const what = missing.map(([name]) => name).join(', ');
    return new CompilerMissing(
      `the SQLite driver must be compiled here, and this machine lacks ${what}: ` +
        'install them (Debian: apt-get install -y build-essential python3), then try again.',
    );
  }
  if (isCompilerTrouble(output)) {
    return new Trouble('the SQLite driver could not be compiled; what npm said is above.', {
      output,
    });
  }
  if (isNetworkTrouble(output)) {
    return new Trouble('the packages could not be downloaded; what npm said is above.', { output });
  }
  return new Trouble('the packages could not be installed; what npm said is above.', { output });
}
