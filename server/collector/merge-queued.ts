// Messages seen in the broker become tasks, also when nobody announced them, with their exact arguments: waiting ones are
// queued (or scheduled), in-flight ones received by somebody. Tasks that a worker has already are left alone.
import { PRESUMED_STATES } from '../../lib/contract/index.ts';
import type { PeekedMessage } from '../broker/transport.ts';
import { decodeTaskMessage, type TaskMessage } from '../celery/message.ts';
import type { TaskRecord } from '../store/task-record.ts';
import { MAX_ID_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS, cutText } from './bounds.ts';
import { fillArguments } from './exact-text.ts';
import type { Fold } from './fold.ts';
import type { LiveTask } from './live-tasks.ts';
import { messagePartsText } from './message-parts.ts';
import { ownFact } from './unseen.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** The id of the task that a message is for. */
export function messageId(peeked: PeekedMessage): string | null {
  if (peeked.message === null) return null;
  const { id } = peeked.message.headers;
  if (typeof id === 'string') return isUsable(id) ? id : null;
  return readMessage(peeked)?.id ?? null;
}

function isUsable(id: string): boolean {
  return id !== '' && id.length <= MAX_ID_CHARS && id.isWellFormed();
}

function readMessage(peeked: PeekedMessage): TaskMessage | null {
  if (peeked.message === null) return null;
  const decoded = decodeTaskMessage(peeked.message, { maxOutputBytes: MAX_BODY_BYTES });
  return decoded.ok && isUsable(decoded.value.id) ? decoded.value : null;
}

/** The id of the task, when the message carries one. */
export function mergeQueued(fold: Fold, peeked: PeekedMessage, now: number): string | null {
  const message = readMessage(peeked);
  if (message === null) return null;
  const { id } = message;
  const live = fold.tasks.take(id, now);
  const { record } = live;
  const waiting = record.state === 'queued' || record.state === 'scheduled';
  const back = record.state === 'retry' || PRESUMED_STATES.has(record.state);
  if ((!waiting && !back) || (waiting && record.receivedAt !== null)) return id;
  const seen = record.timeline.some(
    (fact) => fact.type === 'seen-queued' || fact.type === 'task-sent',
  );
  describe(fold, live, message, peeked, now);
  if (!seen || PRESUMED_STATES.has(record.state)) {
    fold.apply(live, ownFact('seen-queued', now, 'message', null), null, now);
  }
  return id;
}

/** A delivered message: of an unknown or waiting task it says that somebody took it. */
export function mergeInFlight(fold: Fold, peeked: PeekedMessage, now: number): void {
  const known = peeked.message?.headers['id'];
  const before = typeof known === 'string' ? fold.tasks.byId.get(known)?.record : undefined;
  // Of most messages somebody told already: there is no need to read them.
  if (before !== undefined && !mayBeNews(before)) return;
  const message = readMessage(peeked);
  if (message === null) return;
  const live = fold.tasks.take(message.id, now);
  const { record } = live;
  if (!mayBeNews(record)) return;
  describe(fold, live, message, peeked, now);
  if (record.timeline.at(-1)?.type === 'seen-in-flight') return;
  const at = Math.min(now, peeked.deliveredAt ?? now);
  const after = Math.max(at, record.timeline.at(-1)?.at ?? 0);
  fold.apply(live, ownFact('seen-in-flight', after, 'message', null), null, now);
}

function mayBeNews({ state, receivedAt }: TaskRecord): boolean {
  const isWaiting = state === 'queued' || state === 'scheduled' || state === 'received';
  return receivedAt === null && isWaiting;
}

function describe(
  fold: Fold,
  live: LiveTask,
  message: TaskMessage,
  peeked: PeekedMessage,
  now: number,
): void {
  if (!describeFrom(fold, live.record, message, peeked)) return;
  live.record.updatedAt = now;
  fold.tasks.touch(live);
}

function describeFrom(
  fold: Fold,
  record: TaskRecord,
  message: TaskMessage,
  peeked: PeekedMessage,
): boolean {
  let changed = fillArguments(fold, record, message.args, message.kwargs, 'message');
  if (record.args === null && message.argsRepr !== null) {
    record.args = fold.redact(cutText(message.argsRepr, MAX_TEXT_CHARS));
    record.kwargs = fold.redact(cutText(message.kwargsRepr ?? '', MAX_TEXT_CHARS));
    record.argsSource = 'message';
    changed = true;
  }
  const set = <K extends keyof TaskRecord>(key: K, value: TaskRecord[K] | null): void => {
    if (record[key] !== null || value === null) return;
    record[key] = value;
    changed = true;
  };
  set('type', cutText(message.name, MAX_NAME_CHARS));
  set('queue', peeked.queue === '' ? null : peeked.queue);
  set('exchange', message.exchange);
  set('routingKey', message.routingKey);
  set('priority', message.priority ?? peeked.priority);
  set('etaAt', message.etaAt);
  set('expiresAt', message.expiresAt);
  set('rootId', message.rootId);
  set('parentId', message.parentId === record.id ? null : message.parentId);
  set('groupId', message.group);
  set('sentBy', message.origin);
  if (record.messageParts === null) {
    set(
      'messageParts',
      messagePartsText(message, (text) => fold.redact(text)),
    );
  }
  if (message.retries > record.retries) {
    record.retries = message.retries;
    changed = true;
  }
  return changed;
}
