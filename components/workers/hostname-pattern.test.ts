import { expect, it } from 'vitest';
import { toHostnamePattern } from './hostname-pattern.ts';

it.each([
  ['celery@web-7d9f8b6c5-x2x9z', 'celery@web-*'],
  ['celery@web-7d9f8b6c5-zzxcv', 'celery@web-*'],
  ['mail@node12', 'mail@node*'],
  ['celery@mail-01', 'celery@mail-*'],
  ['celery@node12.example.org', 'celery@node*.example.org'],
  ['celery@big-box', 'celery@big-box'],
  ['just-a-name', 'just-a-name'],
  ['7', '*'],
])('%s belongs to %s', (hostname, pattern) => {
  expect(toHostnamePattern(hostname)).toBe(pattern);
});
