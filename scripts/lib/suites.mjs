// The parts of the test suite: which files belong to each, what they need, and how they are run.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nothing, readPlaywright, readVitest, settle } from './counts.mjs';
import { cacheDir, root } from './paths.mjs';
import { say } from './progress.mjs';
import { runPackage, wasInterrupted } from './run.mjs';

const named = (kind) => new RegExp(`^(server|bench)/.*\\.${kind}\\.test\\.ts$`);
const isServed = (path) => ['redis', 'amqp', 'interop'].some((kind) => named(kind).test(path));

export const suites = [
  {
    name: 'unit',
    part: 'unit',
    needs: [],
    needsBuild: () => false,
    owns: (path) =>
      /^(app|bench|components|lib|scripts|server)\/.*\.test\.tsx?$/.test(path) && !isServed(path),
  },
  {
    name: 'redis',
    part: 'unit',
    needs: ['Redis', 'OpenSSL'],
    needsBuild: () => false,
    owns: (path) => named('redis').test(path),
  },
  {
    name: 'amqp',
    part: 'unit',
    needs: ['RabbitMQ'],
    needsBuild: () => false,
    owns: (path) => named('amqp').test(path),
  },
  {
    name: 'interop',
    part: 'interop',
    needs: ['Redis', 'RabbitMQ', 'PostgreSQL', 'OpenSSL', 'Python'],
    needsBuild: (path) => !path.startsWith('e2e/fixtures/'),
    owns: (path) =>
      /^e2e\/(interop|fixtures)\/.*\.test\.ts$/.test(path) || named('interop').test(path),
  },
  {
    name: 'e2e',
    part: 'e2e',
    needs: ['Redis', 'RabbitMQ', 'OpenSSL', 'Python', 'Chromium'],
    needsBuild: () => true,
    owns: (path) => /^e2e\/specs\/.*\.(spec|test)\.ts$/.test(path),
  },
];

export const parts = ['unit', 'interop', 'e2e'];

/** The chosen suites that have files, each with them. */
export function findSuites(chosenParts) {
  const files = ['app', 'bench', 'components', 'e2e', 'lib', 'scripts', 'server'].flatMap(
    listTests,
  );
  return suites
    .filter(({ part }) => chosenParts.includes(part))
    .map((suite) => ({ ...suite, files: files.filter(suite.owns) }))
    .filter((suite) => suite.files.length > 0)
    .map((suite) => ({ ...suite, needsBuild: suite.files.some(suite.needsBuild) }));
}

/** More failing files than this are no matter of a crowded machine: they are not run again. */
const MOST_AGAIN = 6;

/**
 * Brokers, workers and clocks are real here, and three files share the machine. What fails is run once more with nothing beside
 * it; what passes then is named as unsteady in the closing lines, so that it is seen and no run is lost to it.
 */
export async function runVitest(names) {
  if (names.length === 0) return nothing();
  const projects = names.flatMap((name) => ['--project', name]);
  const report = join(cacheDir, 'vitest.json');
  const first = readVitest(report, await vitest(projects, report));
  const files = [...new Set(first.failures.flatMap(({ file }) => file ?? []))];
  if (files.length === 0 || files.length > MOST_AGAIN || wasInterrupted()) return first;
  say(`run again, alone: ${files.join(', ')}`);
  const second = join(cacheDir, 'vitest-again.json');
  await vitest([...files, ...projects, '--no-file-parallelism'], second);
  return settle(first, second);
}

async function vitest(args, report) {
  rmSync(report, { force: true });
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report];
  const { code } = await runPackage('vitest/vitest.mjs', ['run', ...args, ...reporters], {
    show: true,
  });
  return code;
}

export async function runPlaywright() {
  const report = join(cacheDir, 'playwright.json');
  rmSync(report, { force: true });
  const args = ['test', '--retries', '1'];
  const { code } = await runPackage('@playwright/test/cli.js', args, { show: true });
  return readPlaywright(report, code);
}

function listTests(room) {
  try {
    return readdirSync(join(root, room), { recursive: true })
      .map((name) => `${room}/${name.replaceAll('\\', '/')}`)
      .filter((path) => /\.(test|spec)\.tsx?$/.test(path));
  } catch {
    return [];
  }
}
