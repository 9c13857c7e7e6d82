// Turns the replies to a command into one acknowledgement per worker that was expected to answer.
import type { WorkerAck } from '../../lib/contract/index.ts';
import type { ControlReply } from '../broker/transport.ts';

const MAX_TEXT_CHARS = 2000;

/** Workers that did not reply are listed too: silence is an answer that people must see. */
export function toAcks(replies: readonly ControlReply[], expected: readonly string[]): WorkerAck[] {
  const acks = replies.map(toAck);
  const answered = new Set(acks.map((ack) => ack.hostname));
  const silent = expected
    .filter((hostname) => !answered.has(hostname))
    .map((hostname): WorkerAck => ({
      hostname,
      outcome: 'timeout',
      text: 'did not answer in time',
    }));
  return [...acks, ...silent];
}

function toAck({ hostname, value }: ControlReply): WorkerAck {
  if (typeof value === 'object' && value !== null) {
    const { ok, error } = value as { ok?: unknown; error?: unknown };
    if (error !== undefined) return { hostname, outcome: 'error', text: wordsOf(error) };
    if (ok !== undefined) return { hostname, outcome: 'ok', text: wordsOf(ok) };
  }
  return {
    hostname,
    outcome: 'ok',
    text: value === null || value === undefined ? null : wordsOf(value),
  };
}

function wordsOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}
