// npm run check: format, lint, types, boundaries, unused code; two at a time, one line each.
import { existsSync } from 'node:fs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/paths.mjs';
import { runScript, say } from './lib/progress.mjs';
import { runPackage } from './lib/run.mjs';

const cache = 'node_modules/.cache/umbel';
const rooms = ['app', 'bench', 'components', 'e2e', 'examples', 'lib', 'scripts', 'server'];
const typescriptMemory = { NODE_OPTIONS: '--max-old-space-size=3072' };

const tools = [
  {
    name: 'lint',
    file: 'eslint/bin/eslint.js',
    args: [
      ...['.', '--max-warnings', '0', '--cache', '--cache-strategy', 'content'],
      ...['--cache-location', `${cache}/eslint`],
    ],
    env: typescriptMemory,
  },
  {
    name: 'types',
    file: 'typescript/bin/tsc',
    args: ['-p', 'tsconfig.json', '--noEmit'],
    env: typescriptMemory,
  },
  {
    name: 'format',
    file: 'prettier/bin/prettier.cjs',
    args: [
      ...['.', '--check', '--log-level', 'warn', '--cache', '--cache-strategy', 'content'],
      ...['--cache-location', `${cache}/prettier`],
    ],
  },
  {
    name: 'boundaries',
    file: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: [
      ...['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long'],
      ...rooms.filter((room) => existsSync(inRoot(room))),
    ],
  },
  { name: 'unused code', file: 'knip/bin/knip.js', args: ['--no-progress', '--cache'] },
];

await runScript(async () => {
  await ensureInstalled();
  const chosen = process.argv.slice(2);
  const queue = tools.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  const failed = [];
  const work = async () => {
    for (let tool = queue.shift(); tool !== undefined; tool = queue.shift()) {
      if (!(await check(tool))) failed.push(tool.name);
    }
  };
  await Promise.all([work(), work()]);
  if (failed.length > 0) say(`not in order: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
});

async function check({ name, file, args, env = {} }) {
  const startedAt = performance.now();
  const result = await runPackage(file, args, { env });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const isFine = result.code === 0;
  say(`${name} … ${isFine ? 'in order' : 'NOT in order'}, ${seconds} s`);
  if (!isFine) process.stdout.write(`${result.output.trimEnd()}\n`);
  return isFine;
}
