// Python environments for tests and benchmarks: inside node_modules/.cache/umbel, from the package index; where none is
// reached, the interpreter of the distribution with its packages.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDir } from './paths.mjs';
import { step, Trouble } from './progress.mjs';
import { findProgram, run } from './run.mjs';

const environments = {
  celery: {
    requirements: ['celery[redis,sqlalchemy]', 'pg8000', 'msgpack', 'pyyaml'],
    module: 'celery',
  },
  flower: { requirements: ['flower', 'celery[redis]'], module: 'flower' },
};

const distribution = '/usr/bin/python3';

/**
 * The interpreter that can import `name` (celery, flower). UMBEL_PYTHON names another one for celery. `installPackages`
 * brings the distribution's, for want of a package index; with it the index is asked again though it was missed before.
 */
export async function ensurePython(name = 'celery', { installPackages } = {}) {
  const environment = environments[name];
  if (environment === undefined) {
    const known = Object.keys(environments).join(' or ');
    throw new Trouble(`there is no Python environment "${name}": ${known}.`, { exitCode: 2 });
  }
  const chosen = name === 'celery' ? process.env.UMBEL_PYTHON : undefined;
  if (chosen !== undefined && chosen !== '') return chosen;
  const place = join(cacheDir, `${name}-venv`);
  if (isReady(place, environment)) return join(place, 'bin/python');
  return withLock(`python-${name}`, () => prepare(name, place, environment, installPackages));
}

async function prepare(name, place, environment, installPackages) {
  const python = join(place, 'bin/python');
  if (isReady(place, environment)) return python;
  const missed = `${place}.missed`;
  const canFallBack = () => canImport(distribution, environment.module);
  if (installPackages === undefined && existsSync(missed) && (await canFallBack())) {
    return distribution;
  }
  const label = `installing Python's ${name}`;
  const problem = await step(label, () => install(place, environment)).catch((error) => error);
  rmSync(missed, { force: true });
  if (problem === undefined) return python;
  if (!(await canFallBack())) await installPackages?.();
  if (await canFallBack()) {
    writeFileSync(missed, problem.output ?? '');
    return distribution;
  }
  throw new Trouble(
    `Python with ${environment.module} is missing: install python3 with its venv module ` +
      `(Debian: apt-get install -y python3-venv), or ${environment.module} itself, or set UMBEL_PYTHON.`,
    { output: problem.output ?? '' },
  );
}

async function install(place, environment) {
  const base = findProgram('python3');
  if (base === null) throw new Trouble('python3 is missing');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(cacheDir, { recursive: true });
  const commands = [
    [base, ['-m', 'venv', place]],
    [
      join(place, 'bin/python'),
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        ...environment.requirements,
      ],
    ],
  ];
  for (const [command, args] of commands) {
    const result = await run(command, args);
    if (result.code !== 0) throw new Trouble(`${command} failed`, result);
  }
  if (!(await canImport(join(place, 'bin/python'), environment.module))) {
    throw new Trouble(`${environment.module} cannot be imported`);
  }
  writeFileSync(join(place, '.ready'), environment.requirements.join('\n'));
}

function isReady(place, environment) {
  const mark = join(place, '.ready');
  return existsSync(mark) && readFileSync(mark, 'utf8') === environment.requirements.join('\n');
}

async function canImport(python, module) {
  return existsSync(python) && (await run(python, ['-c', `import ${module}`])).code === 0;
}

/** The version of `module` that `python` imports. */
export async function versionOf(python, module) {
  const { output } = await run(python, ['-c', `import ${module}; print(${module}.__version__)`]);
  return output.trim();
}
