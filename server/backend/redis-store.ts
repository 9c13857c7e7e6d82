// Stores results, several in one step: each is written with its expiry and published on its key, unless a SUCCESS is there already. The
// state that is there is read from the beginning of the text, where Celery writes it; what does not begin so is left to the caller.
import type { Redis } from 'ioredis';
import { runScript } from '../broker/redis/redis-script.ts';

const STORE = `
local seconds = ARGV[1]
local answers = {}
for at = 1, #KEYS do
  local key, text = KEYS[at], ARGV[at + 1]
  local before = redis.pcall('GETRANGE', key, 0, 31)
  local answer = 'stored'
  if type(before) == 'table' then
    answer = before.err
  elseif before ~= '' then
    local state = string.match(before, '^{"status": "([^"\\\\]*)"')
    if state == 'SUCCESS' then answer = 'kept' elseif not state then answer = 'unclear' end
  end
  if answer == 'stored' then
    local done
    if seconds == '' then done = redis.pcall('SET', key, text)
    else done = redis.pcall('SETEX', key, seconds, text) end
    if done.err then answer = done.err else redis.call('PUBLISH', key, text) end
  end
  answers[at] = answer
end
return answers`;

export type ResultRecord = { key: string; text: string | Buffer };

/** For each record `stored`, `kept` (a SUCCESS was there), `unclear`, or what Redis says against it. */
export async function storeTexts(
  redis: Redis,
  records: readonly ResultRecord[],
  expiresMs: number | null,
): Promise<string[]> {
  const seconds = expiresMs === null ? '' : Math.max(1, Math.ceil(expiresMs / 1000));
  const keys = records.map(({ key }) => key);
  const given = [seconds, ...records.map(({ text }) => text)];
  return (await runScript(redis, STORE, keys, given)) as string[];
}
