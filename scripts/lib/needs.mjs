// What the tests need besides Node, and how it gets here: as root with apt on Debian, else by hand.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { canUseApt, installWithApt } from './apt.mjs';
import { step, Trouble } from './progress.mjs';
import { ensurePython, versionOf } from './python.mjs';
import { findProgram, run, runPackage } from './run.mjs';

const chromiumNames = [
  ...['chromium-headless-shell', 'chrome-headless-shell'],
  ...['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome'],
];

const programs = {
  Redis: {
    packages: ['redis-server'],
    isHere: () => findProgram('redis-server', 'valkey-server') !== null,
  },
  RabbitMQ: {
    packages: ['rabbitmq-server'],
    isHere: () => findProgram('/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server') !== null,
  },
  PostgreSQL: {
    packages: ['postgresql'],
    isHere: () => findProgram(...postgresPrograms()) !== null,
  },
  OpenSSL: { packages: ['openssl'], isHere: () => findProgram('openssl') !== null },
  Chromium: {
    packages: ['chromium-headless-shell'],
    otherwise: ['chromium'],
    isHere: () =>
      (process.env.CHROMIUM_PATH ?? findProgram(...chromiumNames) ?? downloaded()) !== null,
  },
  Python: {
    packages: ['python3', 'python3-venv'],
    isHere: async () =>
      Boolean(process.env.UMBEL_PYTHON) ||
      (findProgram('python3') !== null &&
        (await run('python3', ['-c', 'import venv, ensurepip'])).code === 0),
  },
};

/** Celery and what its tests import, as Debian packages them. */
const pythonPackages = [
  ...['celery', 'python3-redis', 'python3-sqlalchemy', 'python3-psycopg2'],
  ...['python3-msgpack', 'python3-yaml'],
];

/**
 * Installs what is missing of `names` (and Celery with Python). Answers the names that are still missing, each with a
 * sentence of what to do; `notes` gets what the report should say.
 */
export async function ensureNeeds(names, notes) {
  const wanted = await missing(names);
  if (wanted.length > 0 && canUseApt()) await installAll(wanted);
  if (wanted.includes('Chromium') && !programs.Chromium.isHere()) await downloadChromium();

  const absent = new Map();
  for (const name of await missing(names)) absent.set(name, adviceFor(name));
  if (names.includes('Python')) {
    await ensureCelery(notes).then(
      () => absent.delete('Python'),
      (error) => absent.set('Python', error.message),
    );
  }
  return absent;
}

async function ensureCelery(notes) {
  const installPackages = async () => {
    if (canUseApt()) await installWithApt('Celery', pythonPackages);
  };
  const python = await ensurePython('celery', { installPackages });
  if (python === '/usr/bin/python3') {
    const version = await versionOf(python, 'celery');
    notes.push(`no package index was reached: with the distribution's Celery ${version}`);
  }
}

async function missing(names) {
  const absent = [];
  for (const name of names) if (!(await programs[name].isHere())) absent.push(name);
  return absent;
}

function adviceFor(name) {
  const { packages } = programs[name];
  return `${name} is not installed (Debian, as root: apt-get install -y ${packages.join(' ')})`;
}

/** Together; one after the other where one of them is not to be had. */
async function installAll(names) {
  const packagesOf = (name) => programs[name].packages;
  if (await installWithApt(names.join(', '), names.flatMap(packagesOf))) return;
  for (const name of names) {
    const { packages, otherwise } = programs[name];
    if (await installWithApt(name, packages)) continue;
    if (otherwise !== undefined) await installWithApt(name, otherwise);
  }
}

async function downloadChromium() {
  await step('downloading Chromium (Playwright)', async () => {
    const result = await runPackage('playwright/cli.js', ['install', 'chromium'], {
      env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' },
      timeoutMs: 300_000,
    });
    if (result.code !== 0) throw new Trouble('no Chromium', result);
  }).catch(() => undefined);
}

// Debian keeps the server's programs apart, a folder a version.
function postgresPrograms() {
  const place = '/usr/lib/postgresql';
  const versions = existsSync(place) ? readdirSync(place) : [];
  return [...versions.map((version) => join(place, version, 'bin/postgres')), 'postgres'];
}

// Where Playwright keeps its browsers.
function downloaded() {
  const place = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache/ms-playwright');
  if (!existsSync(place)) return null;
  return readdirSync(place).find((name) => /^chromium-\d+$/.test(name)) ?? null;
}
