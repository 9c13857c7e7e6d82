// Who sends the body of a chord: of all who report a last member (it may be delivered again while the first report is still being handled) the
// one that holds the claim. A claim lasts a while, so that another can take over from a process that died. It must not know where claims are kept.
import { AppError } from '../core/errors.ts';
import { exceptionValue, type ResultMeta, type ResultTuple } from '../celery/result-meta.ts';
import type { ResultCodec } from '../celery/codec/result-codec.ts';
import type { Pause } from './pauses.ts';
import type { ChordClaim, ChordOutcome } from './result-backend.ts';
import { decodeChordMembers, leavesOf, nestedResults, type ChordResult } from './result-keys.ts';

/** From the last report to the sending of the body: twice `result_chord_join_timeout`, at its default. */
export const CLAIM_MS = 6000;
/** How long results of a header are waited for that nobody counted: `result_chord_join_timeout`, at its default. */
const JOIN_MS = 3000;
/** While the body is being sent: what Celery gives four attempts of its defaults (4 s each, and the pauses between). */
export const PUBLISH_MS = 21_000;
/** How long a chord is known to be over: a member that is delivered later does not begin it anew. */
export const OVER_MS = 300_000;
export const OVER = 'done';

/** What a report came to: members are missing (or all is over), the body is another's to send until then, or it is ours. */
export type ChordReport = { type: 'open' } | { type: 'held'; forMs: number } | { type: 'claimed' };

const LEAST_WAIT_MS = 20;
const MOST_WAIT_MS = 1000;

/**
 * Reports, and goes on reporting while the claim is another's: whether the body is ours to send. Throws AppError closed when nobody is to wait
 * any more and that is not known yet.
 */
export async function claimChord(
  report: () => Promise<ChordReport>,
  pause: Pause,
  hurry?: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const said = await report();
    if (said.type !== 'held') return said.type === 'claimed';
    const ms = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, said.forMs));
    if (!(await pause(ms, hurry))) {
      throw new AppError('closed', 'The end of a chord is in other hands, and was not waited for.');
    }
  }
}

/** What a claim is made of, whatever keeps it. */
export type ClaimParts = {
  readMembers: () => Promise<(string | Buffer)[]>;
  readGroup: () => Promise<ResultTuple | null>;
  getMany: (ids: readonly string[]) => Promise<(ResultMeta | null)[]>;
  wait: (id: string, timeoutMs: number) => Promise<ResultMeta | null>;
  codec: ResultCodec;
  hold: () => Promise<boolean>;
  finish: () => Promise<boolean>;
  fail: () => Promise<void>;
};

export function createClaim(parts: ClaimParts): ChordClaim {
  const { hold, finish, fail } = parts;
  return { hold, finish, fail, read: () => readOutcome(parts) };
}

async function readOutcome(parts: ClaimParts): Promise<ChordOutcome> {
  const texts = await parts.readMembers();
  const results = decodeChordMembers(texts, parts.codec);
  if (results.length < texts.length) {
    const count = texts.length - results.length;
    const what = `${String(count)} of ${String(texts.length)} results cannot be read`;
    throw new AppError('bad_request', `${what}: is result_serializer the same everywhere?`);
  }
  const group = await parts.readGroup();
  if (group === null) return { results };
  results.push(...(await joinRest(group, results, parts)));
  return { results, ...(await nestedResults(group, parts.getMany)) };
}

/** Celery before 5.3 counts a header anew where a chain in it comes to its group, and without the other members: the rest is waited for, as there. */
async function joinRest(
  group: ResultTuple,
  counted: readonly ChordResult[],
  { wait }: ClaimParts,
): Promise<ChordResult[]> {
  const leaves = leavesOf(group);
  if (counted.length >= leaves.length || counted.some(({ state }) => state !== 'SUCCESS'))
    return [];
  const known = new Set(counted.map(({ id }) => id));
  const rest = leaves.filter((id) => !known.has(id));
  return Promise.all(
    rest.map(async (id) => {
      const meta = await wait(id, JOIN_MS);
      if (meta === null) throw new AppError('timeout', `The result of ${id} did not come.`);
      const { status: state, exception } = meta;
      return { id, state, result: exception === null ? meta.result : exceptionValue(exception) };
    }),
  );
}
