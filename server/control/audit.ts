// Every mutation is refused in read-only mode and leaves one line in the audit log, whatever came of it.
import type { AuditEntry, CommandOutcome } from '../../lib/contract/index.ts';
import { AppError, errorText } from '../core/errors.ts';
import type { Actor } from './control.ts';
import type { ControlDeps } from './deps.ts';

export type AuditedAction = {
  actor: Actor;
  action: string;
  target: string;
  parameters: Record<string, unknown>;
};

type Verdict = Pick<AuditEntry, 'outcome' | 'detail'>;

/** Runs `act`, records what came of it, and answers with its result or throws what it threw. */
export async function audited<T>(
  deps: ControlDeps,
  action: AuditedAction,
  act: () => Promise<T>,
  judge: (result: T) => Verdict,
): Promise<T> {
  const record = (verdict: Verdict) => {
    const entry = {
      at: deps.clock.now(),
      actor: action.actor.name,
      cluster: deps.cluster,
      action: action.action,
      target: action.target,
      parameters: action.parameters,
      ...verdict,
    };
    try {
      deps.dashboard.appendAudit(entry);
    } catch (error) {
      // What was done is done: who hears of a failure would do it twice.
      deps.logger.error({ reason: errorText(error), entry }, 'the audit log cannot be written');
    }
  };
  if (deps.readOnly) {
    record({ outcome: 'refused', detail: 'read-only' });
    throw new AppError(
      'read_only',
      'Umbel was started with --read-only: it changes nothing in the cluster.',
    );
  }
  let result: T;
  try {
    result = await act();
  } catch (error) {
    record({ outcome: 'failed', detail: errorText(error) });
    throw error;
  }
  record(judge(result));
  return result;
}

export function judgeAcks(outcome: CommandOutcome): Verdict {
  const good = outcome.acks.filter(
    (ack) => ack.outcome === 'ok' || ack.outcome === 'offline',
  ).length;
  const detail = outcome.acks
    .map((ack) => `${ack.hostname}: ${ack.text ?? ack.outcome}`)
    .join('; ')
    .slice(0, 2000);
  if (outcome.acks.length > 0 && good === outcome.acks.length) return { outcome: 'ok', detail };
  return { outcome: good > 0 ? 'partial' : 'failed', detail: detail || 'no worker answered' };
}
