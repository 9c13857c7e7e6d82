// Asks the result backend about one task and lets the store know what it said.
import { pythonArguments, pythonRepr } from '../../lib/python/repr.ts';
import { toJson } from '../../lib/python/to-json.ts';
import { isPyDict, PyTuple, type PyValue } from '../../lib/python/values.ts';
import type { ResultMeta } from '../celery/result-meta.ts';
import { errorText } from '../core/errors.ts';
import { createTextRedactor } from '../core/redact-text.ts';
import type { ResultReading } from './control.ts';
import type { ControlDeps } from './deps.ts';

export async function readResult(deps: ControlDeps, id: string): Promise<ResultReading> {
  const readAt = deps.clock.now();
  if (deps.backend === null) {
    return {
      type: 'unavailable',
      reason: 'No result backend is configured: start Umbel with --backend.',
      readAt,
    };
  }
  let meta: ResultMeta | null;
  try {
    meta = await deps.backend.get(id);
  } catch (error) {
    return { type: 'unavailable', reason: errorText(error), readAt };
  }
  if (meta === null) return { type: 'absent', readAt };
  const redact = createTextRedactor(deps.redactKeys);
  const mask = (text: string | null) => (text === null ? null : (redact?.(text) ?? text));
  const extended = meta.extended;
  const reading = {
    status: meta.status,
    resultText: meta.exception === null ? mask(pythonRepr(meta.result)) : null,
    traceback: mask(meta.traceback),
    argsText: mask(positionalText(extended?.args)),
    kwargsText: mask(keywordText(extended?.kwargs)),
  };
  await deps.collector.annotate({
    type: 'result-read',
    id,
    ...reading,
    exception: mask(exceptionText(meta)),
    finishedAt: meta.doneAt,
    worker: extended?.worker ?? null,
    retries: extended?.retries ?? null,
    at: readAt,
  });
  return {
    type: 'found',
    ...reading,
    extended: extended !== null,
    value: deps.redactKeys.length > 0 ? reading.resultText : toJson(meta.result),
    readAt,
  };
}

function positionalText(value: PyValue | undefined): string | null {
  if (value instanceof PyTuple) return pythonRepr(value);
  return Array.isArray(value) ? pythonArguments(value) : null;
}

function keywordText(value: PyValue | undefined): string | null {
  return isPyDict(value) ? pythonRepr(value) : null;
}

function exceptionText(meta: ResultMeta): string | null {
  if (meta.exception === null) return null;
  const { excType, excMessage } = meta.exception;
  const inner = Array.isArray(excMessage)
    ? excMessage.map((item) => pythonRepr(item)).join(', ')
    : pythonRepr(excMessage);
  return `${excType}(${inner})`;
}
