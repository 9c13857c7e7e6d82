// What a task puts in its own place, under its own id, so that whoever waits for the task waits for it. Mirrors celery.app.task.Task.replace.
import { createSignature, type Signature } from '../celery/signature.ts';
import type { ApplyOptions } from '../client/apply-options.ts';
import { join } from '../client/canvas-algebra.ts';
import type { Celery } from '../client/celery.ts';
import { chainSteps } from '../client/freeze.ts';
import type { HeldRequest } from './request.ts';

export async function sendReplacement(
  app: Celery,
  { message }: HeldRequest,
  given: Signature,
): Promise<void> {
  const options: ApplyOptions = {
    taskId: message.id,
    rootId: message.rootId ?? message.id,
    replacedTaskNesting: message.replacedTaskNesting + 1,
  };
  const set = <K extends keyof ApplyOptions>(key: K, value: ApplyOptions[K] | null) => {
    if (value !== null && value !== undefined) options[key] = value;
  };
  set('parentId', message.parentId);
  set('groupId', message.group);
  set('groupIndex', message.groupIndex);
  set('chord', message.embed?.chord ?? null);
  set('link', message.embed?.callbacks ?? null);
  set('linkError', message.embed?.errbacks ?? null);
  set('chain', message.embed?.chain ?? null);
  await app.send(asOne(given), [], options);
}

/** A group has no result of its own, nor has a chain that ends in one: its list is gathered by one task more. */
function asOne(sig: Signature): Signature {
  const last = sig.subtaskType === 'chain' ? chainSteps(sig).at(-1) : sig;
  if (last?.subtaskType !== 'group') return sig;
  const gather = createSignature('celery.accumulate', { kwargs: { index: 0 } });
  return join(sig, gather);
}
