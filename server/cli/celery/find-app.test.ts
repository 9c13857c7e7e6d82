import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { loadApp } from '../../worker/load-app.ts';
import { findApp } from './find-app.ts';

const umbel = new URL('../../umbel.ts', import.meta.url).href;
let room: string;

const appNamed = (name: string, how = 'export const app =') =>
  `import { Celery } from 'umbel';\n${how} new Celery('${name}', { broker: 'redis://h' });\n`;

beforeAll(() => {
  room = makeTempDir('apps');
  for (const folder of ['src/shop', 'pack']) mkdirSync(join(room, folder), { recursive: true });
  const files: Record<string, string> = {
    'typed.ts': `${appNamed('typed')}const n: number = 1;\nexport { n };\n`,
    'plain.js': appNamed('plain'),
    'module.mjs': appNamed('module', 'export default'),
    'old.cjs': `const { Celery } = require('umbel');\nexports.celery = new Celery('old');\n`,
    'pack/celery_app.ts': appNamed('pack'),
    'src/shop/tasks.ts': `${appNamed('one')}${appNamed('two', 'export const other =').split('\n')[1]}\n`,
    'none.js': 'export const app = 3;\n',
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(room, file), text);
});

afterAll(() => {
  removeTempDir(room);
});

const nameOf = async (spec: string) => {
  const place = { ...findApp(spec, room), umbel, settings: { brokerUrl: 'redis://said' } };
  const { name, conf } = await loadApp(place);
  return [name, conf.brokerUrl];
};

it.each([
  ['typed', 'typed'],
  ['plain', 'plain'],
  ['module', 'module'],
  ['old', 'old'],
  ['pack', 'pack'],
  ['src.shop.tasks', 'one'],
  ['src/shop/tasks.ts:other', 'two'],
])('finds and loads -A %s', async (spec, name) => {
  expect(await nameOf(spec)).toEqual([name, 'redis://said']);
});

it.each([
  ['nowhere', 'There is no module "nowhere"'],
  ['none', 'exports no app'],
  ['typed:n', 'no app called "n"'],
])('refuses -A %s', async (spec, message) => {
  await expect((async () => nameOf(spec))()).rejects.toMatchObject({
    code: 'bad_configuration',
    message: expect.stringContaining(message) as string,
  });
});
