// Arguments that are known as values, as Python text within bounds. Exact only while nothing was cut away.
import { pythonRepr, shortRepr } from '../../lib/python/repr.ts';
import { isPyDict, type PyValue } from '../../lib/python/values.ts';
import type { TaskRecord } from '../store/task-record.ts';
import type { FactSource } from '../../lib/contract/index.ts';
import { MAX_TEXT_CHARS, cutText } from './bounds.ts';
import type { Fold } from './fold.ts';

/** Values too large to be worth a text; null when the text would not be exact. */
export function exactText(value: PyValue): string | null {
  try {
    const text = pythonRepr(value);
    return text.length > MAX_TEXT_CHARS ? null : text;
  } catch {
    return null;
  }
}

export function boundedText(value: PyValue): string | null {
  try {
    return cutText(shortRepr(value), MAX_TEXT_CHARS);
  } catch {
    return null;
  }
}

/** Puts values into a record unless it has exact ones; masked ones are not exact. A list of positional arguments is written as the tuple it was. */
export function fillArguments(
  fold: Fold,
  record: TaskRecord,
  args: PyValue,
  kwargs: PyValue,
  source: FactSource,
): boolean {
  if (record.argsExact || !Array.isArray(args) || !isPyDict(kwargs)) return false;
  const exactArgs = exactText(args);
  const exactKwargs = exactText(kwargs);
  if (exactArgs === null || exactKwargs === null) return false;
  const argsText = tupleText(exactArgs, args.length);
  const shownArgs = fold.redact(argsText);
  const shownKwargs = fold.redact(exactKwargs);
  if (shownArgs === record.args && shownKwargs === record.kwargs && record.argsSource === source) {
    return false;
  }
  record.args = shownArgs;
  record.kwargs = shownKwargs;
  record.argsExact = shownArgs === argsText && shownKwargs === exactKwargs;
  record.argsSource = source;
  return true;
}

function tupleText(list: string, length: number): string {
  return `(${list.slice(1, -1)}${length === 1 ? ',' : ''})`;
}
