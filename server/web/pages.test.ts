import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { materialize, withBasePath } from './pages.ts';

describe('withBasePath', () => {
  it('replaces the sentinel however it is escaped', () => {
    expect(withBasePath('src="/__umbel_base__/_next/a.js"', '/umbel')).toBe(
      'src="/umbel/_next/a.js"',
    );
    expect(withBasePath(String.raw`^\/__umbel_base__\/x`, '/a/b')).toBe(String.raw`^\/a\/b\/x`);
    expect(withBasePath(String.raw`"^\\/__umbel_base__\\/x"`, '/a')).toBe(String.raw`"^\\/a\\/x"`);
  });

  it('leaves nothing behind at the root', () => {
    expect(withBasePath('{"basePath":"/__umbel_base__","p":"/__umbel_base__/api"}', '')).toBe(
      '{"basePath":"","p":"/api"}',
    );
  });
});

describe('materialize', () => {
  let rootDir: string;

  beforeEach(async () => {
    rootDir = await mkdtemp(path.join(os.tmpdir(), 'umbel-pages-'));
    await mkdir(path.join(rootDir, '.next', 'static'), { recursive: true });
    await writeFile(path.join(rootDir, '.next', 'BUILD_ID'), 'b1\n');
    await writeFile(path.join(rootDir, '.next', 'static', 'a.js'), 'fetch("/__umbel_base__/api")');
    await writeFile(path.join(rootDir, '.next', 'static', 'a.woff2'), '/__umbel_base__');
  });
  afterEach(() => rm(rootDir, { recursive: true, force: true }));

  const settings = (basePath: string) => ({
    rootDir,
    basePath,
    dataDir: path.join(rootDir, 'data'),
  });

  it('makes one copy per base path and finds it again', async () => {
    const first = await materialize(settings('/umbel'));
    const other = await materialize(settings(''));
    expect(await readFile(path.join(first, 'static', 'a.js'), 'utf8')).toBe('fetch("/umbel/api")');
    expect(await readFile(path.join(other, 'static', 'a.js'), 'utf8')).toBe('fetch("/api")');
    await writeFile(path.join(first, 'static', 'a.js'), 'kept');
    expect(await materialize(settings('/umbel'))).toBe(first);
    expect(await readFile(path.join(first, 'static', 'a.js'), 'utf8')).toBe('kept');
  });

  it('touches text files only', async () => {
    const copy = await materialize(settings('/umbel'));
    expect(await readFile(path.join(copy, 'static', 'a.woff2'), 'utf8')).toBe('/__umbel_base__');
  });

  it('says what to do when the pages were never built', async () => {
    await rm(path.join(rootDir, '.next', 'BUILD_ID'));
    await expect(materialize(settings(''))).rejects.toThrow(/npm run build/);
  });
});
