// The messages of a queue as people can read them: a bounded slice, masked like everything else.
import type { QueueMessage, QueuePeek } from '../../lib/contract/index.ts';
import { pythonArguments, pythonRepr } from '../../lib/python/repr.ts';
import type { PeekedMessage } from '../broker/transport.ts';
import { decodeTaskMessage } from '../celery/message.ts';
import { createTextRedactor, type TextRedactor } from '../core/redact-text.ts';
import type { ControlDeps } from './deps.ts';

const PREVIEW_CHARS = 1024;

export async function peekQueue(
  deps: ControlDeps,
  queue: string,
  options: { from: 'next' | 'newest'; limit: number },
): Promise<QueuePeek> {
  const peek = await deps.transport.peek(queue, options);
  return {
    supported: peek.supported,
    reason: peek.reason,
    from: options.from,
    messages: peek.messages.map((message) =>
      toQueueMessage(message, createTextRedactor(deps.redactKeys)),
    ),
    truncated: peek.truncated,
  };
}

function toQueueMessage(peeked: PeekedMessage, redact: TextRedactor | null): QueueMessage {
  const base = {
    priority: peeked.priority,
    sizeBytes: peeked.sizeBytes,
    contentType: peeked.message?.contentType ?? null,
  };
  const nothing = {
    id: null,
    type: null,
    args: null,
    kwargs: null,
    etaAt: null,
    expiresAt: null,
    retries: null,
  };
  if (peeked.message === null) return { ...nothing, ...base, issue: peeked.issue };
  const task = decodeTaskMessage(peeked.message);
  if (!task.ok) return { ...nothing, ...base, issue: task.message };
  const { id, name, args, kwargs, argsRepr, kwargsRepr, etaAt, expiresAt, retries, bodyIssue } =
    task.value;
  const preview = (text: string | null) =>
    text === null ? null : (redact?.(text) ?? text).slice(0, PREVIEW_CHARS);
  return {
    ...base,
    id,
    type: name,
    args: preview(args === null ? argsRepr : pythonArguments(args)),
    kwargs: preview(kwargs === null ? kwargsRepr : pythonRepr(kwargs)),
    priority: task.value.priority ?? peeked.priority,
    etaAt,
    expiresAt,
    retries,
    issue: bodyIssue,
  };
}
