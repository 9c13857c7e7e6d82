import { expect, it } from 'vitest';
import { Retry } from '../task-errors.ts';
import type { TaskOptions, TaskRequest } from '../task-types.ts';
import type { Job } from './attempt.ts';
import { afterThrow, backoffMs, planRetry } from './retry-plan.ts';

const jobOf = (retries: number): Job => ({
  key: 1,
  id: 'id',
  name: 'tasks.x',
  request: { retries, args: [1], kwargs: {} } as unknown as TaskRequest,
});

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

it('backs off as Celery does: factor doubled, capped, jitter over the whole', () => {
  const plain: TaskOptions = { retryBackoff: true, retryJitter: false };
  expect([0, 1, 2, 3, 10].map((retries) => backoffMs(plain, retries))).toEqual([
    1000, 2000, 4000, 8000, 600_000,
  ]);
  const five: TaskOptions = { retryBackoff: 5, retryBackoffMaxMs: 30_000, retryJitter: false };
  expect([0, 1, 2, 3].map((retries) => backoffMs(five, retries))).toEqual([
    5000, 10_000, 20_000, 30_000,
  ]);
  const jittered: TaskOptions = { retryBackoff: 4 };
  expect(backoffMs(jittered, 1, () => 0)).toBe(0);
  expect(backoffMs(jittered, 1, () => 0.999)).toBe(8000);
  expect(backoffMs({}, 3)).toBeNull();
});

it('retries three times unless told otherwise, then raises what was given', () => {
  expect(thrownBy(() => planRetry({}, jobOf(2), {}))).toBeInstanceOf(Retry);
  expect(thrownBy(() => planRetry({}, jobOf(3), {}))).toMatchObject({
    name: 'MaxRetriesExceededError',
    message: "Can't retry tasks.x[id] args:(1,) kwargs:{}",
  });
  const error = new Error('mine');
  expect(thrownBy(() => planRetry({}, jobOf(3), { error }))).toBe(error);
  expect(thrownBy(() => planRetry({ maxRetries: null }, jobOf(99), {}))).toBeInstanceOf(Retry);
});

it('retries by itself on the errors it was told, and on no others', () => {
  const options: TaskOptions = {
    autoretryFor: ['RangeError', 'TypeError'],
    dontAutoretryFor: ['TypeError'],
  };
  expect(afterThrow(options, jobOf(0), new RangeError('x'))).toBeInstanceOf(Retry);
  for (const error of [new TypeError('x'), new Error('x')]) {
    expect(afterThrow(options, jobOf(0), error)).toBe(error);
  }
});

it('takes an error for each of its classes, as an except clause does', () => {
  class NetworkError extends Error {}
  class Refused extends NetworkError {
    override readonly name = 'ECONNREFUSED';
  }
  class Final extends Refused {}
  const options: TaskOptions = {
    autoretryFor: ['NetworkError', 'Unusual'],
    dontAutoretryFor: ['Final'],
  };
  expect(afterThrow(options, jobOf(0), new Refused('x'))).toBeInstanceOf(Retry);
  const named = Object.assign(new Error('x'), { name: 'Unusual' });
  expect(afterThrow(options, jobOf(0), named)).toBeInstanceOf(Retry);
  const every: TaskOptions = { autoretryFor: ['*'], dontAutoretryFor: ['NetworkError'] };
  expect(afterThrow(every, jobOf(0), 'no error at all')).toBeInstanceOf(Retry);
  for (const error of [new Final('x'), new TypeError('x')]) {
    expect(afterThrow(options, jobOf(0), error)).toBe(error);
  }
  const refused = new Refused('x');
  expect(afterThrow(every, jobOf(0), refused)).toBe(refused);
});
