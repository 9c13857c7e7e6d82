// The `hello` command of mingle: workers exchange clocks and revoked ids. Times are the sender's
// monotonic seconds and must travel as floats, or Python refuses the whole command.

import type { PyFloat } from '../../lib/python/values.ts';
import { isPyDict, pyFloat, setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from './decoded.ts';
import { integerOrNull, numberOrNull, textOrNull } from './fields.ts';

/** `revoked` maps a task id to the monotonic seconds of its revocation; 0 from a Celery that tells only ids (5.7). */
export type Hello = {
  fromNode: string | null;
  revoked: Map<string, number>;
  clock: number | null;
};

/** Reads arguments and replies alike. */
export function decodeHello(value: PyValue): Decoded<Hello> {
  if (!isPyDict(value)) return undecodable('not_hello', 'hello is an object');
  const revoked = new Map<string, number>();
  const source = value['revoked'];
  if (Array.isArray(source)) {
    for (const id of source) if (typeof id === 'string') revoked.set(id, 0);
  }
  if (isPyDict(source)) {
    for (const [id, entry] of Object.entries(source)) {
      const seconds = numberOrNull(Array.isArray(entry) ? entry[0] : entry);
      if (seconds !== null) revoked.set(id, seconds);
    }
  }
  return decoded({
    fromNode: textOrNull(value['from_node']),
    revoked,
    clock: integerOrNull(value['clock']),
  });
}

export function encodeHello(hello: Hello): PyDict {
  const revoked: PyDict = {};
  for (const [id, seconds] of hello.revoked) setKey<PyValue>(revoked, id, [float(seconds), id]);
  const value: PyDict = { revoked };
  if (hello.fromNode !== null) value['from_node'] = hello.fromNode;
  if (hello.clock !== null) value['clock'] = hello.clock;
  return value;
}

function float(seconds: number): number | PyFloat {
  return pyFloat(seconds);
}
