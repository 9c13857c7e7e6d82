// Whether a worker is there: online, late or offline, from what was heard of it and when (WK in docs/spec.md). Pure; the
// clock is an argument.
import type { WorkerState } from '../../lib/contract/index.ts';
import type { BlindSpans } from './blind-spans.ts';
import type { WorkerFacts } from './worker-facts.ts';

export type LivenessOptions = { offlineAfterMs: number };

/** Silence while Umbel itself heard nobody is none of the worker's. */
export type Listening = Pick<BlindSpans, 'silenceSince'>;

const ALWAYS: Listening = { silenceSince: (at, now) => now - at };

export type Liveness = { state: WorkerState; reason: string | null; since: number | null };

const LATE_GRACE_MS = 2000;
/** Without heartbeats, a worker that answered so lately counts as online. */
const ANSWER_FRESH_MS = 45_000;

export function livenessOf(
  facts: WorkerFacts,
  answeredAt: number | null,
  options: LivenessOptions,
  now: number,
  listening: Listening = ALWAYS,
): Liveness {
  if (facts.offlineAt !== null && (answeredAt === null || answeredAt <= facts.offlineAt)) {
    return { state: 'offline', reason: 'It said that it goes offline', since: facts.offlineAt };
  }
  const heard = Math.max(facts.lastSeenAt, answeredAt ?? 0);
  const silence = listening.silenceSince(heard, now);
  const heartbeatAt = facts.lastHeartbeatAt;
  if (heartbeatAt === null) return withoutHeartbeat(heard, silence, options);
  const heartbeatMs = facts.heartbeatMs ?? 2000;
  const lateAfter = 2 * heartbeatMs + LATE_GRACE_MS;
  const missing = listening.silenceSince(heartbeatAt, now);
  if (missing <= lateAfter) return { state: 'online', reason: null, since: null };
  const offlineAfter = Math.max(options.offlineAfterMs, lateAfter);
  if (silence > offlineAfter) {
    return { state: 'offline', reason: `Nothing heard for ${seconds(silence)}`, since: heard };
  }
  const busy = heard > heartbeatAt + heartbeatMs;
  const reason = busy
    ? `Busy: no heartbeat for ${seconds(missing)}, last seen ${seconds(silence)} ago`
    : `No heartbeat for ${seconds(missing)}`;
  return { state: 'late', reason, since: heartbeatAt + lateAfter };
}

function withoutHeartbeat(heard: number, silence: number, options: LivenessOptions): Liveness {
  if (silence <= Math.max(ANSWER_FRESH_MS, options.offlineAfterMs)) {
    return { state: 'online', reason: 'It sends no heartbeats', since: null };
  }
  return { state: 'offline', reason: `Nothing heard for ${seconds(silence)}`, since: heard };
}

function seconds(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  if (total < 120) return `${total} s`;
  return total < 7200 ? `${Math.round(total / 60)} min` : `${Math.round(total / 3600)} h`;
}
