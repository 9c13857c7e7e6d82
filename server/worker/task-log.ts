// What a worker's log says about its tasks, in Celery's words.
import { shortRepr } from '../../lib/python/repr.ts';
import type { Logger } from '../core/logger.ts';
import type { Outcome } from '../client/attempt/attempt.ts';
import { displayName, type HeldRequest } from './request.ts';

export type TaskLog = {
  received: (held: HeldRequest) => void;
  discarded: (held: HeldRequest) => void;
  ended: (held: HeldRequest, outcome: Outcome) => void;
};

export const silentTaskLog: TaskLog = {
  received: () => undefined,
  discarded: () => undefined,
  ended: () => undefined,
};

/** Tells of what went wrong and was rejected only. */
export function createTroubleLog(logger: Logger): TaskLog {
  const { ended } = createTaskLog(logger);
  const quiet: ReadonlySet<string> = new Set(['success', 'retry', 'ignore', 'replace']);
  return {
    ...silentTaskLog,
    ended: (held, outcome) => {
      const isQuiet = quiet.has(outcome.type) || isExpected(outcome);
      if (!isQuiet) ended(held, outcome);
    },
  };
}

export function createTaskLog(logger: Logger): TaskLog {
  const nameOf = (held: HeldRequest) => `${displayName(held)}[${held.message.id}]`;
  const about = ({ message }: HeldRequest) => ({ task: message.name, id: message.id });
  return {
    received: (held) => {
      logger.info(about(held), `Task ${nameOf(held)} received`);
    },
    discarded: (held) => {
      logger.info(about(held), `Discarding revoked task: ${nameOf(held)}`);
    },
    ended: (held, outcome) => {
      const task = `Task ${nameOf(held)}`;
      switch (outcome.type) {
        case 'success': {
          const seconds = String(Math.round(outcome.runtimeMs * 1000) / 1e6);
          const text = `${task} succeeded in ${seconds}s: ${shortRepr(outcome.result)}`;
          logger.info(about(held), text);
          break;
        }
        case 'failure': {
          if (isExpected(outcome)) {
            logger.info(about(held), `${task} raised expected: ${outcome.error.repr}`);
            break;
          }
          const { repr, traceback } = outcome.error;
          const how = outcome.timedOut === true ? 'was stopped' : 'raised unexpected';
          logger.error(about(held), `${task} ${how}: ${repr}\n${traceback ?? ''}`.trimEnd());
          break;
        }
        case 'retry':
          logger.info(about(held), `${task} retry: ${retryText(outcome)}`);
          break;
        case 'reject':
          logger.warn(about(held), `${task} rejected: ${outcome.error.repr}`);
          break;
        case 'terminated':
          logger.error(about(held), `${task} terminated by ${outcome.signal}`);
          break;
        case 'cancelled':
          logger.warn(about(held), `${task} was cut off by the shutdown`);
          break;
        case 'ignore':
        case 'replace':
          logger.info(about(held), `${task} ignored`);
      }
    },
  };
}

function isExpected(outcome: Outcome): boolean {
  return outcome.type === 'failure' && outcome.isExpected === true;
}

function retryText({ etaAt, cause }: Extract<Outcome, { type: 'retry' }>): string {
  const seconds = Math.max(0, Math.round((etaAt - Date.now()) / 1000));
  return `Retry in ${String(seconds)}s${cause === null ? '' : `: ${cause.repr}`}`;
}
