// How an attempt ended, as it travels from a thread or a process of the pool: as JSON, since cloning strips the classes of values (a date in the
// arguments of a retry, a decimal in an error). A result stays the JSON that it is stored as.
import { isPyDict, type PyDict, type PyValue } from '../../../lib/python/values.ts';
import { decodeKombuJson, encodeKombuJson } from '../../celery/codec/kombu-json.ts';
import { listOrEmpty, numberOrNull, textOrNull } from '../../celery/fields.ts';
import { encodeSignature } from '../../celery/signature.ts';
import { readSignature } from '../canvas-algebra.ts';
import { describeError } from './error-report.ts';
import type { ErrorReport, Outcome, ReportedOutcome } from './attempt.ts';

export type PackedOutcome =
  | Extract<ReportedOutcome, { type: 'success' | 'ignore' }>
  | { type: 'failure' | 'retry' | 'replace' | 'reject'; json: string };

/** Throws a TypeError for values that cannot be written. */
export function packOutcome(outcome: ReportedOutcome): PackedOutcome {
  switch (outcome.type) {
    case 'failure': {
      const { error, isExpected = false, errbacksCalled = [] } = outcome;
      return {
        type: 'failure',
        json: encodeKombuJson({ error: errorValue(error), isExpected, errbacksCalled }),
      };
    }
    case 'retry': {
      const { type, cause, ...rest } = outcome;
      const value = { ...rest, cause: cause === null ? null : errorValue(cause) };
      return { type, json: encodeKombuJson(value) };
    }
    case 'replace':
      return { type: 'replace', json: encodeKombuJson(encodeSignature(outcome.signature)) };
    case 'reject': {
      const { type, requeue, error } = outcome;
      return { type, json: encodeKombuJson({ requeue, error: errorValue(error) }) };
    }
    default:
      return outcome;
  }
}

export function unpackOutcome(packed: PackedOutcome): Outcome {
  switch (packed.type) {
    case 'success':
      return { type: 'success', result: valueOf(packed.json), runtimeMs: packed.runtimeMs };
    case 'ignore':
      return packed;
    case 'replace':
      return { type: 'replace', signature: readSignature(valueOf(packed.json)) };
    default: {
      const value = valueOf(packed.json);
      return unpackFields(packed.type, isPyDict(value) ? value : {});
    }
  }
}

function unpackFields(type: 'failure' | 'retry' | 'reject', value: PyDict): Outcome {
  const { cause, traceback, args, kwargs, requeue, errbacksCalled } = value;
  switch (type) {
    case 'failure': {
      const names = listOrEmpty(errbacksCalled).filter((name) => typeof name === 'string');
      const isExpected = value['isExpected'] === true;
      return { type, error: errorOf(value['error']), isExpected, errbacksCalled: names };
    }
    case 'retry':
      return {
        type,
        cause: isPyDict(cause) ? errorOf(cause) : null,
        traceback: textOrNull(traceback),
        etaAt: numberOrNull(value['etaAt']) ?? 0,
        args: Array.isArray(args) ? args : null,
        kwargs: isPyDict(kwargs) ? kwargs : null,
      };
    case 'reject':
      return { type, requeue: requeue === true, error: errorOf(value['error']) };
  }
}

function valueOf(json: string): PyValue {
  const decoded = decodeKombuJson(json);
  return decoded.ok ? decoded.value : null;
}

function errorValue({ excType, excModule, excMessage, repr, traceback }: ErrorReport): PyDict {
  return { excType, excModule, excMessage, repr, traceback };
}

function errorOf(value: PyValue | undefined): ErrorReport {
  if (!isPyDict(value)) return describeError('Exception', 'builtins', []);
  const { excType, excModule, excMessage, repr, traceback } = value;
  return {
    excType: textOrNull(excType) ?? 'Exception',
    excModule: textOrNull(excModule) ?? 'builtins',
    excMessage: listOrEmpty(excMessage),
    repr: textOrNull(repr) ?? '',
    traceback: textOrNull(traceback),
  };
}
