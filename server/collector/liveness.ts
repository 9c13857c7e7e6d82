// Whether a worker is there: online, late or offline, from what was heard of it and when (WK in docs/spec.md). Pure; the
// clock is an argument.
import type { WorkerState } from '../../lib/contract/index.ts';
import type { WorkerFacts } from './worker-facts.ts';

export type LivenessOptions = { offlineAfterMs: number };

export type Liveness = { state: WorkerState; reason: string | null; since: number | null };

const LATE_GRACE_MS = 2000;
/** Without heartbeats, a worker that answered so lately counts as online. */
const ANSWER_FRESH_MS = 45_000;

export function livenessOf(
  facts: WorkerFacts,
  answeredAt: number | null,
  options: LivenessOptions,
  now: number,
): Liveness {
  if (facts.offlineAt !== null && (answeredAt === null || answeredAt <= facts.offlineAt)) {
    return { state: 'offline', reason: 'It said that it goes offline', since: facts.offlineAt };
  }
  const heard = Math.max(facts.lastSeenAt, answeredAt ?? 0);
  const heartbeatAt = facts.lastHeartbeatAt;
  if (heartbeatAt === null) return withoutHeartbeat(heard, options, now);
  const heartbeatMs = facts.heartbeatMs ?? 2000;
  const lateAfter = 2 * heartbeatMs + LATE_GRACE_MS;
  if (now - heartbeatAt <= lateAfter) return { state: 'online', reason: null, since: null };
  const offlineAfter = Math.max(options.offlineAfterMs, lateAfter);
  if (now - heard > offlineAfter) {
    return { state: 'offline', reason: `Nothing heard for ${seconds(now - heard)}`, since: heard };
  }
  const busy = heard > heartbeatAt + heartbeatMs;
  const reason = busy
    ? `Busy: no heartbeat for ${seconds(now - heartbeatAt)}, last seen ${seconds(now - heard)} ago`
    : `No heartbeat for ${seconds(now - heartbeatAt)}`;
  return { state: 'late', reason, since: heartbeatAt + lateAfter };
}

function withoutHeartbeat(heard: number, options: LivenessOptions, now: number): Liveness {
  const silence = now - heard;
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
