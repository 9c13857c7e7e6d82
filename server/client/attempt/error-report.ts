// Any thrown value as Celery describes exceptions: class, arguments, Python text, and a traceback in Python's layout with
// source lines. It must not know tasks.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pythonRepr } from '../../../lib/python/repr.ts';
import type { PyValue } from '../../../lib/python/values.ts';
import { encodeKombuJson } from '../../celery/codec/kombu-json.ts';
import { toPyValue } from '../../celery/fields.ts';
import type { ErrorReport } from './attempt.ts';

const IN_PYTHON: ReadonlySet<string> = new Set(['TypeError', 'SyntaxError']);
const MAX_TEXT = 10_000;

export function reportError(thrown: unknown): ErrorReport {
  if (!(thrown instanceof Error)) {
    const text = typeof thrown === 'string' ? thrown : pythonRepr(toPyValue(thrown));
    return build('Error', 'umbel', [text.slice(0, MAX_TEXT)], null);
  }
  const named = thrown as Error & { pythonModule?: unknown; pythonArgs?: unknown };
  const excType =
    thrown.name !== 'Error' && thrown.name !== '' ? thrown.name : thrown.constructor.name;
  const excModule =
    typeof named.pythonModule === 'string'
      ? named.pythonModule
      : IN_PYTHON.has(excType)
        ? 'builtins'
        : 'umbel';
  const args = Array.isArray(named.pythonArgs)
    ? named.pythonArgs.map(writable)
    : [thrown.message.slice(0, MAX_TEXT)];
  return build(excType, excModule, args, thrown.stack ?? null);
}

/** An argument as it can be stored and sent; what cannot be is told in words. */
function writable(arg: unknown): PyValue {
  try {
    const value = toPyValue(arg);
    encodeKombuJson(value);
    return value;
  } catch {
    return String(arg).slice(0, MAX_TEXT);
  }
}

/** An error that nobody threw here, e.g. for a task that was lost. */
export function describeError(excType: string, excModule: string, args: PyValue[]): ErrorReport {
  return build(excType, excModule, args, null);
}

function build(
  excType: string,
  excModule: string,
  excMessage: PyValue[],
  stack: string | null,
): ErrorReport {
  const repr = `${excType}(${excMessage.map((arg) => pythonRepr(arg)).join(', ')})`;
  const text = excMessage.length === 1 && typeof excMessage[0] === 'string' ? excMessage[0] : null;
  const last = `${excType}: ${text ?? excMessage.map((arg) => pythonRepr(arg)).join(', ')}`;
  const frames = stack === null ? [] : framesOf(stack);
  return {
    excType,
    excModule,
    excMessage,
    repr,
    traceback: ['Traceback (most recent call last):', ...frames, last].join('\n') + '\n',
  };
}

const FRAME = /^\s*at (?:async )?(?:(.*?) \()?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/;
const OWN = /\/server\/(?:worker\/pool|client\/attempt)\/[\w-]+\.[jt]s$/;

function framesOf(stack: string): string[] {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const match = FRAME.exec(line);
    if (match === null) continue;
    const [, name = '<anonymous>', place = '', row = '0'] = match;
    const file = pathOf(place);
    if (OWN.test(file)) continue;
    const source = sourceLine(file, Number(row));
    frames.push(
      `  File "${file}", line ${row}, in ${name}${source === null ? '' : `\n    ${source}`}`,
    );
  }
  return frames.reverse();
}

function pathOf(place: string): string {
  if (!place.startsWith('file://')) return place;
  try {
    return fileURLToPath(place.split('?')[0] ?? place);
  } catch {
    return place;
  }
}

const sources = new Map<string, string[]>();
const MAX_SOURCES = 100;

function sourceLine(file: string, row: number): string | null {
  let lines = sources.get(file);
  if (lines === undefined) {
    try {
      lines = readFileSync(file, 'utf8').split('\n');
    } catch {
      lines = [];
    }
    if (sources.size >= MAX_SOURCES) sources.clear();
    sources.set(file, lines);
  }
  const line = lines[row - 1]?.trim();
  return line === undefined || line === '' ? null : line.slice(0, 300);
}
