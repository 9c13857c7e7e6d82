// The handle on a registered task: calls it, or makes signatures of it.
import type { SignatureSender } from './current-app.ts';
import { chunks, map, signature, starmap, type TaskSignature } from './canvas.ts';
import type { AsyncResult } from './results.ts';
import type { Task, TaskDefinition } from './task-types.ts';

/** Without a sender (in a pool that only collects definitions) calls leave by the app that was made last. */
export function createTask<A extends unknown[], R>(
  { name, options }: TaskDefinition,
  sender: SignatureSender | null,
): Task<A, R> {
  const whole = signature(name, [], {}, sender) as unknown as TaskSignature<A, R>;
  return {
    name,
    options,
    delay: (...args) => whole.delay(...args),
    applyAsync: (args, given = {}): Promise<AsyncResult<R>> => whole.applyAsync(args, given),
    apply: (args, given = {}): Promise<AsyncResult<R>> => whole.apply(args, given),
    s: (...args) => signature(name, args, {}, sender) as never,
    si: (...args) => signature(name, args, { immutable: true }, sender) as never,
    signature: (args, given = {}) => signature(name, args, given, sender) as never,
    map: (items) => map(whole as never, items),
    starmap: (items) => starmap(whole, items),
    chunks: (items, size) => chunks(whole, items, size),
  };
}
