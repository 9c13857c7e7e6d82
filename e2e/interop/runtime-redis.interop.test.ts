// The runtime on Redis, beside Python's: workflows and calls in every direction, through one worker of each.
import { afterAll, beforeAll, describe } from 'vitest';
import { boundSuite } from './support/bound-suite.ts';
import { callsSuite } from './support/calls-suite.ts';
import { canvasSuite } from './support/canvas-suite.ts';
import { openRuntimePlace, type RuntimePlace } from './support/runtime-place.ts';

let place: RuntimePlace;

beforeAll(async () => {
  place = await openRuntimePlace('redis');
}, 300_000);

afterAll(() => place.close());

describe('on Redis', () => {
  canvasSuite(() => place, {
    here: { queues: ['ours'], builtBy: ['us', 'Python'] },
    there: { queues: ['celery'], builtBy: ['us', 'Python'] },
    'half here and half there': {
      queues: ['ours', 'celery'],
      builtBy: ['us', 'Python'],
      large: true,
    },
  });
  callsSuite(() => place);
  boundSuite(() => place);
});
