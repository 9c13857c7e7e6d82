import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packageRoot } from './package.ts';
import { SETTINGS } from './settings.ts';

it('the README names every setting with its default', () => {
  const readme = readFileSync(new URL('README.md', packageRoot()), 'utf8');
  for (const { name, default: value } of SETTINGS) {
    const row = readme.split('\n').find((line) => new RegExp(`^\\| \`--${name}[ \`]`).test(line));
    expect(row, `--${name}`).toBeDefined();
    expect(row).toContain(`| ${value} `);
  }
});
