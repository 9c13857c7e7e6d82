// What a running task tells and asks, carried out: states into the backend, events to the world, other tasks sent as its children. Mirrors
// what celery.app.task.Task does by itself in Python.
import { isChordBackend } from '../backend/create-backend.ts';
import type { Signature } from '../celery/signature.ts';
import type { ApplyOptions } from '../client/apply-options.ts';
import type { Celery } from '../client/celery.ts';
import type { Sent } from '../client/expand.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { childContext } from './follow-up.ts';
import type { KnownFailure, Note, Wish } from './pool/messages.ts';
import {
  packValue,
  unpackCall,
  unpackFields,
  unpackSignature,
  unpackValue,
} from './pool/packed-call.ts';
import type { HeldRequest } from './request.ts';
import { storeResult } from './store-result.ts';
import type { WorkerEvents } from './worker-events.ts';

export type RunParts = { app: Celery; hostname: string; events: WorkerEvents; logger: Logger };

export async function takeNote(parts: RunParts, held: HeldRequest, note: Note): Promise<void> {
  const { app, hostname, events, logger } = parts;
  switch (note.type) {
    case 'state':
      await storeResult(app, held, hostname, {
        status: note.state,
        result: unpackValue(note.meta),
      });
      break;
    case 'event':
      await events.custom(note.event, held.message.id, unpackFields(note.fields));
      break;
    case 'log':
      logger[note.level](note.fields, note.message);
  }
}

export async function grantWish(
  { app }: RunParts,
  held: HeldRequest,
  wish: Wish,
): Promise<unknown> {
  switch (wish.type) {
    case 'send': {
      const { signature, args, options } = unpackCall(wish.call);
      const sent = await app.send(signature, args, {
        ...options,
        ...inherited(app, held, options),
      });
      held.children.push(sent);
      return sent;
    }
    case 'add-to-chord':
      return (await addToChord(app, held, unpackSignature(wish.signature))).id;
    case 'failure-of':
      return failureOf(app, wish.id);
    case 'is-aborted':
      return (await app.backend?.get(held.message.id))?.status === 'ABORTED';
  }
}

async function failureOf(app: Celery, id: string): Promise<KnownFailure> {
  const meta = (await app.backend?.get(id)) ?? null;
  const { excType, excModule, excMessage } = meta?.exception ?? {};
  const args = Array.isArray(excMessage) ? excMessage : [excMessage ?? null];
  return {
    name: meta?.extended?.name ?? null,
    exception:
      excType === undefined
        ? null
        : { excType, excModule: excModule ?? '', excArgs: packValue(args) },
    traceback: meta?.traceback ?? null,
  };
}

/** A child knows its parent and root, unless it was told otherwise. */
function inherited(app: Celery, held: HeldRequest, given: ApplyOptions): ApplyOptions {
  const context = childContext(app, held);
  const { rootId, priority } = given;
  return {
    ...context,
    ...(rootId === undefined ? {} : { rootId }),
    ...(priority === undefined ? {} : { priority }),
  };
}

async function addToChord(app: Celery, held: HeldRequest, signature: Signature): Promise<Sent> {
  const { message } = held;
  const chord = message.embed?.chord ?? null;
  const { backend } = app;
  if (chord === null || message.group === null || backend === null || !isChordBackend(backend)) {
    throw new AppError('bad_request', 'Current task is not member of any chord');
  }
  await backend.addToChord(message.group);
  const sent = await app.send(signature, [], {
    ...childContext(app, held),
    groupId: message.group,
    ...(message.groupIndex === null ? {} : { groupIndex: message.groupIndex }),
    chord,
  });
  held.children.push(sent);
  return sent;
}
