/*
 * Chords in Redis, with the keys of Celery 5.7 (celery.backends.redis), so that whichever side reports the last member sends the body:
 *
 *   .j  the results, ordered by their place in the header      .d  who was counted, as `id:place`: a member that is delivered again
 *   .t  how many members were added while it ran                   counts once, whatever it came to the second time
 *   .s  how many members the header has                        .c  who sends the body, for how long; `done` for a while afterwards
 *
 * Reports, renewals and endings are scripts, each one step. The counters go only after the body was sent; a process that dies before leaves a
 * claim that ends by itself, and the next report of any member takes it over. Unlike Celery, a report that finds the claim held waits for its
 * end: RabbitMQ delivers what a dead worker held at once, long before the claim ends.
 *
 * Beside Celery 5.2 to 5.6, which know neither `.d` nor `.c`: both sides count into `.j` and compare with `.s` and `.t`, so whoever comes last sends
 * the body. If it is the older one, it deletes `.j`, `.t` and `.s`, and `.d` expires. What only the newer promise holds only between them: a
 * member that runs on both sides and comes to something else the second time counts twice, and the chord never ends; one that is delivered
 * again to the older side while we send the body sends it a second time.
 */
import type { Redis } from 'ioredis';
import { runScript } from '../broker/redis/redis-script.ts';
import { CLAIM_MS, OVER, OVER_MS, PUBLISH_MS, type ChordReport } from './chord-claim.ts';
import { groupKey } from './result-keys.ts';

const REPORT = `
local results, added, size, counted, group, claim = unpack(KEYS)
local who, text, place, seconds, claimMs, token = unpack(ARGV)
if redis.call('GET', claim) == '${OVER}' then return {'open', 0} end
if redis.call('SISMEMBER', counted, who) == 0 then
  redis.call('ZADD', results, place, text)
  redis.call('SADD', counted, who)
end
if seconds ~= '' then
  for _, key in ipairs({results, added, size, counted, group}) do redis.call('EXPIRE', key, seconds) end
end
local wanted = redis.call('GET', size)
if not wanted then return {'open', 0} end
local more = redis.call('GET', added) or 0
if redis.call('ZCARD', results) ~= tonumber(wanted) + tonumber(more) then return {'open', 0} end
if redis.call('SET', claim, token, 'NX', 'PX', claimMs) then return {'claimed', 0} end
if redis.call('GET', claim) == token then return {'claimed', 0} end
return {'held', redis.call('PTTL', claim)}`;

const HOLD = `
local claim, size = KEYS[1], KEYS[2]
local holder = redis.call('GET', claim)
if holder == ARGV[1] then return redis.call('PEXPIRE', claim, ARGV[2]) end
if holder or redis.call('EXISTS', size) == 0 then return 0 end
redis.call('SET', claim, ARGV[1], 'PX', ARGV[2])
return 1`;

const FINISH = `
local claim = KEYS[1]
if redis.call('GET', claim) ~= ARGV[1] then return 0 end
for at = 2, #KEYS do redis.call('DEL', KEYS[at]) end
redis.call('SET', claim, '${OVER}', 'PX', ARGV[2])
return 1`;

export type ChordKeys = { prefix: string; groupId: string };

function keysOf({ prefix, groupId }: ChordKeys) {
  const key = (suffix: '' | '.j' | '.t' | '.s' | '.d' | '.c') => groupKey(prefix, groupId, suffix);
  return {
    ...{ results: key('.j'), added: key('.t'), size: key('.s') },
    ...{ counted: key('.d'), group: key(''), claim: key('.c') },
  };
}

export type RedisMember = { id: string; groupIndex: number | null; text: string | Buffer };

export async function reportMember(
  redis: Redis,
  chord: ChordKeys,
  { id, groupIndex, text }: RedisMember,
  { expiresMs, token }: { expiresMs: number | null; token: string },
): Promise<ChordReport> {
  const { results, added, size, counted, group, claim } = keysOf(chord);
  const place = groupIndex === null ? '+inf' : String(groupIndex);
  const seconds = expiresMs === null ? '' : toSeconds(expiresMs);
  const answer = await runScript(
    redis,
    REPORT,
    [results, added, size, counted, group, claim],
    [`${id}:${place}`, text, place, seconds, CLAIM_MS, token],
  );
  const [type, forMs] = answer as ['open' | 'held' | 'claimed', number];
  return type === 'held' ? { type, forMs } : { type };
}

/** Just before the body is sent; false when another has the claim, or has ended the chord. */
export async function holdClaim(redis: Redis, chord: ChordKeys, token: string): Promise<boolean> {
  const { claim, size } = keysOf(chord);
  return (await runScript(redis, HOLD, [claim, size], [token, PUBLISH_MS])) === 1;
}

/** After the body was sent; false, and nothing goes, when another has the claim. */
export async function finishChord(redis: Redis, chord: ChordKeys, token: string): Promise<boolean> {
  const { claim, results, added, size, counted } = keysOf(chord);
  const keys = [claim, results, added, size, counted];
  return (await runScript(redis, FINISH, keys, [token, OVER_MS])) === 1;
}

/** A chord fails once, even if copies of its members come later; its results stay for who wants to look. */
export async function failChordCount(redis: Redis, chord: ChordKeys): Promise<void> {
  await redis.del(keysOf(chord).size);
}

/** How many members the header has. A chord that is sent again under its old id begins anew. */
export async function beginChord(
  redis: Redis,
  chord: ChordKeys,
  count: number,
  expiresMs: number | null,
): Promise<void> {
  const { claim, size } = keysOf(chord);
  const work = redis.multi().del(claim);
  if (expiresMs === null) work.set(size, count);
  else work.set(size, count, 'EX', toSeconds(expiresMs));
  await work.exec();
}

export async function addMember(redis: Redis, chord: ChordKeys): Promise<void> {
  await redis.incr(keysOf(chord).added);
}

function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

export async function readChordMembers(redis: Redis, chord: ChordKeys): Promise<Buffer[]> {
  return redis.zrangeBuffer(keysOf(chord).results, '0', '-1');
}
