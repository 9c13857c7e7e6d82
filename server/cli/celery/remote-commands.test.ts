import { expect, it } from 'vitest';
import { expandNodeName } from './node-name.ts';
import { CONTROL, INSPECT, toArguments, toNamedArguments } from './remote-commands.ts';

const given = (name: string, words: string[]) => {
  const command = CONTROL[name] ?? INSPECT[name];
  if (command === undefined) throw new Error(`no ${name}`);
  return toArguments(command, words);
};

it('turns words into the arguments that Celery sends', () => {
  expect(given('rate_limit', ['tasks.add', '10/m'])).toEqual({
    task_name: 'tasks.add',
    rate_limit: '10/m',
  });
  expect(given('time_limit', ['tasks.add', '10', '20'])).toEqual({
    task_name: 'tasks.add',
    soft: 10,
    hard: 20,
  });
  expect(given('terminate', ['KILL', 'a', 'b'])).toEqual({ signal: 'KILL', task_id: ['a', 'b'] });
  expect(given('query_task', ['a', 'b'])).toEqual({ ids: ['a', 'b'] });
  expect(given('conf', ['yes'])).toEqual({ with_defaults: true });
  expect(given('pool_grow', [])).toEqual({});
});

it('refuses what does not fit', () => {
  expect(() => given('pool_grow', ['many'])).toThrow('n has to be a number, not "many"');
  expect(() => given('ping', ['x'])).toThrow('The command takes these arguments: none');
  expect(() => toNamedArguments(['=3'])).toThrow('not of the form name=value');
});

it('takes name=value for commands of the app, JSON or text', () => {
  expect(toNamedArguments(['name=Ada', 'n=3', 'where={"a":1}'])).toEqual({
    name: 'Ada',
    n: 3,
    where: { a: 1 },
  });
});

it('expands the names of nodes', () => {
  expect(expandNodeName(undefined, 'h.example.org')).toBe('celery@h.example.org');
  expect(expandNodeName('w1', 'h.example.org')).toBe('w1@h.example.org');
  expect(expandNodeName('w1@%n.%d', 'h.example.org')).toBe('w1@h.example.org');
});
