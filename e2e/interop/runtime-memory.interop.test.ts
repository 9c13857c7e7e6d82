// The runtime on the embedded broker: workflows and calls from us to us.
import { afterAll, beforeAll, describe } from 'vitest';
import { callsSuite } from './support/calls-suite.ts';
import { canvasSuite } from './support/canvas-suite.ts';
import { openRuntimePlace, type RuntimePlace } from './support/runtime-place.ts';

let place: RuntimePlace;

beforeAll(async () => {
  place = await openRuntimePlace('memory');
}, 120_000);

afterAll(() => place.close());

describe('on the embedded broker', () => {
  canvasSuite(() => place, { here: { queues: ['ours', 'celery'], builtBy: ['us'], large: true } });
  callsSuite(() => place);
});
