// Asks the result backend how unfinished tasks ended that have been quiet for long: at the start, every minute, and before
// a task is called lost. Bounded; a backend that is away changes nothing.
import type { ResultBackend } from '../backend/result-backend.ts';
import type { ResultMeta } from '../celery/result-meta.ts';
import { FINAL_STATES } from '../../lib/contract/index.ts';
import { toPlain } from '../../lib/python/values.ts';
import type { Clock } from '../core/clock.ts';
import { MAX_FACT_TEXT_CHARS, MAX_TEXT_CHARS, MAX_TRACEBACK_CHARS, cutText } from './bounds.ts';
import { boundedText, fillArguments } from './exact-text.ts';
import type { Fold } from './fold.ts';
import type { LiveTask } from './live-tasks.ts';
import { Turns } from './turns.ts';

const QUIET_MS = 60_000;
const MAX_A_ROUND = 500;

export class Reconciler {
  readonly #fold: Fold;
  readonly #backend: ResultBackend | null;
  readonly #clock: Clock;
  readonly #turns = new Turns();

  constructor(fold: Fold, backend: ResultBackend | null, clock: Clock) {
    this.#fold = fold;
    this.#backend = backend;
    this.#clock = clock;
  }

  /** One bounded round over tasks that were quiet for `quietMs`, those asked longest ago first. */
  async round(quietMs = QUIET_MS): Promise<number> {
    const now = this.#clock.now();
    const due = [...this.#fold.tasks.byId.values()].filter(
      (live) => !isEnded(live) && now - live.record.updatedAt >= quietMs,
    );
    return this.ask(this.#turns.take(due, MAX_A_ROUND, now));
  }

  /** How many of these had ended. Zero as well when there is nobody to ask. */
  async ask(tasks: readonly LiveTask[]): Promise<number> {
    const backend = this.#backend;
    if (backend === null || tasks.length === 0 || backend.status().state !== 'connected') return 0;
    const metas = await backend.getMany(tasks.map((live) => live.record.id));
    let found = 0;
    for (const [index, meta] of metas.entries()) {
      const live = tasks[index];
      if (meta === null || live === undefined || isEnded(live)) continue;
      if (applyMeta(this.#fold, live, meta, this.#clock.now())) found += 1;
    }
    return found;
  }
}

function isEnded(live: LiveTask): boolean {
  return FINAL_STATES.has(live.record.state);
}

const ENDED: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);

/** False: the backend does not say that it (or, of a started task, its attempt) ended. */
export function applyMeta(fold: Fold, live: LiveTask, meta: ResultMeta, now: number): boolean {
  const { record } = live;
  const attemptEnded = meta.status === 'RETRY' && record.state === 'started';
  if (!ENDED.has(meta.status) && !attemptEnded) return false;
  const { extended } = meta;
  if (extended !== null) {
    record.type ??= extended.name;
    record.queue ??= extended.queue;
    record.worker ??= extended.worker;
    if (!record.argsExact) fillArguments(fold, record, extended.args, extended.kwargs, 'result');
  }
  if (meta.status === 'SUCCESS') {
    const text = boundedText(meta.result);
    record.result = text === null ? null : fold.redact(text);
    record.exception = null;
    record.traceback = null;
  } else {
    record.exception = exceptionText(fold, meta) ?? record.exception;
    if (meta.traceback !== null) {
      record.traceback = fold.redact(cutText(meta.traceback, MAX_TRACEBACK_CHARS));
    }
  }
  fold.apply(
    live,
    {
      at: Math.min(meta.doneAt ?? now, now),
      type: 'found',
      hostname: extended?.worker ?? null,
      clock: null,
      pid: null,
      source: 'result',
      fields: { status: meta.status },
    },
    null,
    now,
  );
  return true;
}

function exceptionText(fold: Fold, meta: ResultMeta): string | null {
  const { exception } = meta;
  if (exception === null) return null;
  const plain = toPlain(exception.excMessage);
  const message = typeof plain === 'string' ? plain : (boundedText(exception.excMessage) ?? '');
  const text = `${exception.excType}(${cutText(message, MAX_FACT_TEXT_CHARS)})`;
  return fold.redact(cutText(text, MAX_TEXT_CHARS));
}
