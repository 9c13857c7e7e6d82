// Looks at a pickle without ever executing it: plain data are shown, everything that would call or
// import something becomes `PyOpaque`. Work, depth and memory are bounded whatever the bytes say.
// Knows the opcodes of protocols 0 to 5 (Python's pickletools).

import type { PyValue } from '../../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { PickleError, PickleMachine } from './pickle-machine.ts';

export type PickleLimits = {
  maxOpcodes?: number;
};

const MAX_OPCODES = 200_000;

/** Never throws. What is no pickle, or more work than the limit, is an error value. */
export function viewPickle(bytes: Uint8Array, limits: PickleLimits = {}): Decoded<PyValue> {
  try {
    const machine = new PickleMachine(bytes, limits.maxOpcodes ?? MAX_OPCODES);
    return decoded(machine.run());
  } catch (error) {
    if (error instanceof PickleError) return undecodable('not_a_pickle', error.message);
    return undecodable('not_a_pickle', 'The pickle cannot be read');
  }
}
