import { expect, it } from 'vitest';
import { expandNodeFile, expandNodeName } from './node-name.ts';

it('puts the host into the name of a node', () => {
  expect(expandNodeName(undefined, 'h.example.org')).toBe('celery@h.example.org');
  expect(expandNodeName('w1@%n', 'h.example.org')).toBe('w1@h');
  expect(expandNodeName('w2', 'h')).toBe('w2@h');
});

it('puts the name of a node into the names of its files', () => {
  const file = (path: string) => expandNodeFile(path, 'w1@h.example.org');
  expect(file('/run/%n.pid')).toBe('/run/w1.pid');
  expect(file('%h-%d-%p-%%n-%x')).toBe('h.example.org-example.org-w1@h.example.org-%n-%x');
});
