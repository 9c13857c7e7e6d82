// Signatures: a task call as data, inside embeds, canvases and options. Reads and writes Celery's
// dictionary form; applies extra arguments as celery.canvas.Signature does. Never sends anything.

import { isPyDict, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';

export type Signature = {
  task: string;
  args: PyValue[];
  kwargs: PyDict;
  /** `apply_async` options in Celery's own spelling (`task_id`, `queue`, `link` …). */
  options: PyDict;
  subtaskType: string | null;
  immutable: boolean;
  /** Keys that Celery's own form does not have, kept. */
  extra: PyDict;
};

export function createSignature(
  task: string,
  parts: Partial<Omit<Signature, 'task'>> = {},
): Signature {
  return {
    task,
    args: parts.args ?? [],
    kwargs: parts.kwargs ?? {},
    options: parts.options ?? {},
    subtaskType: parts.subtaskType ?? null,
    immutable: parts.immutable ?? false,
    extra: parts.extra ?? {},
  };
}

const OWN_KEYS: ReadonlySet<string> = new Set([
  'task',
  'args',
  'kwargs',
  'options',
  'subtask_type',
  'immutable',
]);

export function decodeSignature(value: unknown, path = 'signature'): Decoded<Signature> {
  if (!isPyDict(value)) return undecodable('not_a_signature', 'A signature is an object', path);
  const { task, args, kwargs, options, subtask_type: subtaskType, immutable } = value;
  if (typeof task !== 'string' || task === '') {
    return undecodable('not_a_signature', 'A signature names its task', `${path}.task`);
  }
  if (args !== undefined && args !== null && !Array.isArray(args)) {
    return undecodable('not_a_signature', 'args is a list', `${path}.args`);
  }
  if (kwargs !== undefined && kwargs !== null && !isPyDict(kwargs)) {
    return undecodable('not_a_signature', 'kwargs is an object', `${path}.kwargs`);
  }
  const extra: PyDict = {};
  for (const [key, item] of Object.entries(value)) {
    if (!OWN_KEYS.has(key)) setKey(extra, key, item);
  }
  return decoded({
    task,
    args: args ?? [],
    kwargs: kwargs ?? {},
    options: isPyDict(options) ? options : {},
    subtaskType: typeof subtaskType === 'string' ? subtaskType : null,
    immutable: immutable === true,
    extra,
  });
}

export function decodeSignatures(value: unknown, path: string): Decoded<Signature[] | null> {
  if (value === null || value === undefined) return decoded(null);
  if (!Array.isArray(value)) return undecodable('not_a_signature', 'A list is expected', path);
  const signatures: Signature[] = [];
  for (const [index, item] of value.entries()) {
    const signature = decodeSignature(item, `${path}[${String(index)}]`);
    if (!signature.ok) return signature;
    signatures.push(signature.value);
  }
  return decoded(signatures);
}

export function encodeSignature(signature: Signature): PyDict {
  return {
    ...signature.extra,
    task: signature.task,
    args: signature.args,
    kwargs: signature.kwargs,
    options: signature.options,
    subtask_type: signature.subtaskType,
    immutable: signature.immutable,
  };
}

/** Extra arguments come first, extra keywords win; an immutable signature ignores both. */
export function withExtraArguments(
  signature: Signature,
  args: PyValue[],
  kwargs: PyDict = {},
): Signature {
  if (signature.immutable) return signature;
  return {
    ...signature,
    args: [...args, ...signature.args],
    kwargs: { ...signature.kwargs, ...kwargs },
  };
}
