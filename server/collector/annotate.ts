// Facts that the dashboard itself causes: a revoke was sent, a task was sent again, a result was read.
import { FINAL_STATES, PRESUMED_STATES } from '../../lib/contract/index.ts';
import { isMasked } from '../core/redact-text.ts';
import type { Annotation } from '../store/collecting.ts';
import type { TimelineFact } from '../store/task-record.ts';
import { MAX_TEXT_CHARS, MAX_TRACEBACK_CHARS, cutText } from './bounds.ts';
import type { Fold } from './fold.ts';

type TaskAnnotation = Exclude<Annotation, { type: 'events-enabled' }>;

export function annotateTasks(fold: Fold, annotation: TaskAnnotation): void {
  switch (annotation.type) {
    case 'revoke-sent':
      return revokeSent(fold, annotation);
    case 'retried':
      return retried(fold, annotation);
    case 'result-read':
      return resultRead(fold, annotation);
  }
}

function ownFact(type: string, at: number, fields: TimelineFact['fields']): TimelineFact {
  return { at, type, hostname: null, clock: null, pid: null, source: 'none', fields };
}

function revokeSent(fold: Fold, annotation: Annotation & { type: 'revoke-sent' }): void {
  const { at, terminate, signal, actor } = annotation;
  for (const id of annotation.ids) {
    const live = fold.tasks.find(id);
    if (live === null) continue;
    const fields = terminate ? { actor, terminate, signal } : { actor };
    fold.apply(live, ownFact('revoke-sent', at, fields), null, at);
    if (!FINAL_STATES.has(live.record.state)) live.record.revoking = true;
  }
}

function retried(fold: Fold, annotation: Annotation & { type: 'retried' }): void {
  const { at, originalId, newId, actor } = annotation;
  const copy = fold.tasks.take(newId, at);
  const { record } = copy;
  record.type ??= annotation.taskType;
  record.queue ??= annotation.queue;
  record.sentAt ??= at;
  record.retryOfId = originalId;
  fold.apply(copy, ownFact('sent-by-retry', at, { actor, originalId }), null, at);
  const original = fold.tasks.find(originalId);
  if (original === null) return;
  if (!original.record.retriedAsIds.includes(newId)) original.record.retriedAsIds.push(newId);
  fold.apply(original, ownFact('retried-as', at, { actor, newId }), null, at);
}

function resultRead(fold: Fold, annotation: Annotation & { type: 'result-read' }): void {
  const live = fold.tasks.find(annotation.id);
  if (live === null) return;
  const { record } = live;
  const { at, status } = annotation;
  const isEnded = FINAL_STATES.has(record.state) && !PRESUMED_STATES.has(record.state);
  const isNews = ENDED.has(status) || (status === 'RETRY' && record.state !== 'retry');
  if (!isEnded && isNews) {
    fold.apply(
      live,
      { ...ownFact('found', annotation.finishedAt ?? at, { status }), source: 'result' },
      null,
      at,
    );
  }
  const text = (value: string | null, max = MAX_TEXT_CHARS): string | null =>
    value === null ? null : fold.redact(cutText(value, max));
  if (annotation.argsText !== null && annotation.kwargsText !== null && !record.argsExact) {
    record.argsExact = isWhole(annotation.argsText) && isWhole(annotation.kwargsText);
    record.args = text(annotation.argsText);
    record.kwargs = text(annotation.kwargsText);
    record.argsSource = 'result';
  }
  if (status === 'SUCCESS') record.result = text(annotation.resultText) ?? record.result;
  if (status === 'FAILURE' || status === 'RETRY') {
    record.exception ??= text(annotation.exception);
    record.traceback ??= text(annotation.traceback, MAX_TRACEBACK_CHARS);
  }
  record.worker ??= annotation.worker;
  if (annotation.retries !== null && annotation.retries > record.retries) {
    record.retries = annotation.retries;
  }
  fold.tasks.touch(live);
}

/** Any other status tells nothing that a page that asks every few seconds should write down again. */
const ENDED: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);

function isWhole(text: string): boolean {
  return text.length <= MAX_TEXT_CHARS && !isMasked(text);
}
