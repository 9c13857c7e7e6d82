// Workflows: each is a value with types, sent when it is whole.
import { chain, chord, group } from 'umbel';
import { add, app, double, fail, note, total } from './celery_app.ts';

const timeoutMs = 30_000;

const steps = chain(add.s(2, 2), add.s(4), double.s());
console.log('chain:', await (await steps.delay()).get({ timeoutMs }));

const piped = add.s(2, 2).pipe(add.s(4)).pipe(add.s(8));
console.log('pipe:', await (await piped.delay()).get({ timeoutMs }));

const many = await group([1, 2, 3].map((n) => add.s(n, n))).delay();
console.log('group:', await many.get({ timeoutMs }), 'of', many.results.length);

const sum = chord([add.s(1, 1), add.s(2, 2), add.s(3, 3)], total.s());
console.log('chord:', await (await sum.delay()).get({ timeoutMs }));

const chunked = await add
  .chunks(
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    2,
  )
  .delay();
console.log('chunks:', await chunked.get({ timeoutMs }));

const callbackId = globalThis.crypto.randomUUID();
await add
  .s(1, 1)
  .link(add.s(100).set({ taskId: callbackId }))
  .delay();
console.log('link:', await app.result(callbackId).get({ timeoutMs }));

const errbackId = globalThis.crypto.randomUUID();
const errback = note.s().set({ taskId: errbackId });
const failing = await fail.s().linkError(errback).set({ taskId: 'the-failing-task' }).delay();
await failing.get({ timeoutMs, propagate: false });
console.log('errback:', await app.result(errbackId).get({ timeoutMs }));
await failing.forget();

await app.close();
