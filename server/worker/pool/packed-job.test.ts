import { expect, test } from 'vitest';
import { PyDatetime, PyDecimal } from '../../../lib/python/values.ts';
import { readSignature } from '../../client/canvas-algebra.ts';
import type { Job } from '../../client/attempt/attempt.ts';
import { AT_ONCE, packJob, unpackJob } from './packed-job.ts';

const at = new PyDatetime('2026-11-28T00:00:00+00:00');
const step = (task: string) => readSignature({ task, args: [at, new PyDecimal('1.10')] });

function jobWith(more: Partial<Job['request']>): Job {
  const packed = [AT_ONCE, 1, 'id', 'tasks.add', [1], null, 'root', null, 'id', null, null];
  const rest = ['', 'q', 0, false, null, null];
  const job = unpackJob([...packed, ...rest] as unknown as Parameters<typeof unpackJob>[0], 'w@h');
  return { ...job, request: { ...job.request, ...more } };
}

test('signatures in the request keep the types of their arguments over a clone', () => {
  const job = jobWith({
    retries: 2,
    callbacks: [step('tasks.a'), step('tasks.b')],
    errbacks: [step('tasks.c')],
    chain: [step('tasks.d')],
    chord: step('tasks.e'),
  });
  const there = unpackJob(structuredClone(packJob(AT_ONCE, job)), 'w@h');
  expect(there).toEqual(job);
  expect(there.request.chord?.args[0]).toBeInstanceOf(PyDatetime);
});

test('a plain call has none', () => {
  const job = jobWith({});
  expect(unpackJob(structuredClone(packJob(AT_ONCE, job)), 'w@h')).toEqual(job);
});
