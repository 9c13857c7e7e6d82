// What signals mean to a worker: the first lets running tasks end, the next waits for the soft shutdown timeout, the one after it cuts off what
// still runs, and one more ends the process at once. Without a timeout there is no soft step; SIGQUIT leaves out the first.
import { readEnvironment } from '../../core/env.ts';
import { EXIT_FAILED } from './context.ts';

const [WARM, SOFT, COLD] = [1, 2, 3];

export type StopParts = {
  /** worker_soft_shutdown_timeout; 0: none. */
  softMs: number;
  /** Told with each signal, in Celery's words. */
  say: (how: 'Warm' | 'Soft' | 'Cold') => void;
  /** Asked again with less patience. */
  stop: (graceMs: number) => void;
};

export function obeyStopSignals({ softMs, say, stop }: StopParts): void {
  let stage = 0;
  const go = (least: number) => {
    stage = Math.max(stage + 1, least);
    if (stage === SOFT && softMs === 0) stage = COLD;
    if (stage > COLD) process.exit(EXIT_FAILED);
    say(stage === WARM ? 'Warm' : stage === SOFT ? 'Soft' : 'Cold');
    stop(stage === WARM ? Infinity : stage === SOFT ? softMs : 0);
  };
  process.on('SIGTERM', () => {
    go(readEnvironment()['REMAP_SIGTERM'] === 'SIGQUIT' ? SOFT : WARM);
  });
  process.on('SIGINT', () => {
    go(WARM);
  });
  process.on('SIGQUIT', () => {
    go(SOFT);
  });
}
