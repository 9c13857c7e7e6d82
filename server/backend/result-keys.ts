// Keys of results and chord counters in key-value backends, and the members that chords are counted by. Mirrors
// celery.backends.base and celery.backends.redis.
import { isPyDict, type PyValue } from '../../lib/python/values.ts';
import { JSON_RESULTS, type ResultCodec } from '../celery/codec/result-codec.ts';
import {
  GROUP_KEY_PREFIX,
  RESULT_KEY_PREFIX,
  resultMetaFrom,
  type ResultMeta,
} from '../celery/result-meta.ts';
import { decodeResultTuple, encodeResultTuple, type ResultTuple } from '../celery/result-tuple.ts';

export type ChordResult = { id: string; state: string; result: unknown };

/** Celery separates a prefix that does not end in a separator with `_`. */
export function toKeyPrefix(prefix: string | undefined): string {
  if (prefix === undefined || prefix === '') return '';
  return /[:_\-.]$/.test(prefix) ? prefix : `${prefix}_`;
}

export function resultKey(prefix: string, id: string): string {
  return `${prefix}${RESULT_KEY_PREFIX}${id}`;
}

/** `.j`, `.t`, `.s`, `.d`, `.c`: see redis-chords.ts. */
export type GroupKeySuffix = '' | '.j' | '.t' | '.s' | '.d' | '.c';

export function groupKey(prefix: string, id: string, suffix: GroupKeySuffix = ''): string {
  return `${prefix}${GROUP_KEY_PREFIX}${id}${suffix}`;
}

/** Null when nothing is stored, or when what is stored is no result. */
export function readMeta(
  text: string | Uint8Array | null | undefined,
  codec: ResultCodec = JSON_RESULTS,
): ResultMeta | null {
  const value = text === null || text === undefined ? undefined : codec.decode(text);
  if (value === undefined) return null;
  const meta = resultMetaFrom(value);
  return meta.ok ? meta.value : null;
}

/** `[1, id, state, result]` */
export function encodeChordMember(
  member: ChordResult,
  codec: ResultCodec = JSON_RESULTS,
): string | Buffer {
  return codec.encode([1, member.id, member.state, (member.result ?? null) as PyValue]);
}

export function decodeChordMembers(
  texts: readonly (string | Buffer)[],
  codec: ResultCodec = JSON_RESULTS,
): ChordResult[] {
  return texts.flatMap((text) => {
    const member = codec.decode(text);
    if (!Array.isArray(member)) return [];
    const [, id, state, result] = member;
    if (typeof id !== 'string' || typeof state !== 'string') return [];
    return [{ id, state, result: result ?? null }];
  });
}

export function encodeGroup(
  group: ResultTuple,
  codec: ResultCodec = JSON_RESULTS,
): string | Buffer {
  return codec.encode({ result: encodeResultTuple(group) });
}

export function decodeGroup(
  text: string | Buffer | null,
  codec: ResultCodec = JSON_RESULTS,
): ResultTuple | null {
  const value = text === null ? undefined : codec.decode(text);
  return isPyDict(value) ? decodeResultTuple(value['result']) : null;
}

/** What a header with groups in it comes to, in its own structure; nothing when a member failed. */
export async function nestedResults(
  group: ResultTuple,
  getMany: (ids: readonly string[]) => Promise<(ResultMeta | null)[]>,
): Promise<{ nested?: unknown[] }> {
  const ids = leavesOf(group);
  const metas = await getMany(ids);
  if (metas.some((meta) => meta?.status !== 'SUCCESS')) return {};
  const byId = new Map(ids.map((id, index) => [id, metas[index]?.result ?? null]));
  const valueOf = ({ id, children }: ResultTuple): unknown =>
    children === null ? byId.get(id) : children.map(valueOf);
  return { nested: (group.children ?? []).map(valueOf) };
}

/** The tasks of a header, however deep. */
export function leavesOf({ id, children }: ResultTuple): string[] {
  return children === null ? [id] : children.flatMap(leavesOf);
}
