// Acknowledges what is done, takes messages and registers them as unacknowledged in one step, several at a time: one script, so that a crash at any moment leaves each
// message in its queue or in `unacked`. The order is kombu's: priority steps ascending, the queues of a step in turn. What is no envelope is
// set aside for inspection; it would end a Python worker. The end of an envelope that kombu or Umbel wrote says all that is needed; others are
// read as a whole.
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { runScript } from './redis-script.ts';

const EXCHANGE = `
local unacked, index, malformed = KEYS[1], KEYS[2], KEYS[3]
local most, now, width, fresh = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local found = {}
for at = 5, #ARGV do
  local count = redis.call('HDEL', unacked, ARGV[at])
  if count == 1 then redis.call('ZREM', index, ARGV[at]) end
  found[#found + 1] = count
end
local taken = {}
local TAIL = '"delivery_info": {"exchange": "([^"\\\\]*)", "routing_key": "([^"\\\\]*)"}, ' ..
  '"priority": %d+, "body_encoding": "base64", "delivery_tag": "([^"\\\\]+)"}}$'
local function hold(at, tag, envelope, exchange, route)
  redis.call('ZADD', index, now, tag)
  redis.call('HSET', unacked, tag, '[' .. envelope .. ',' .. exchange .. ',' .. route .. ']')
  taken[#taken + 1] = at
  taken[#taken + 1] = tag
  taken[#taken + 1] = envelope
end
local function register(at, envelope)
  if string.sub(envelope, 1, 10) == '{"body": "' then
    local exchange, route, tag = string.match(string.sub(envelope, -600), TAIL)
    if tag then return hold(at, tag, envelope, '"' .. exchange .. '"', '"' .. route .. '"') end
  end
  local ok, message = pcall(cjson.decode, envelope)
  local properties = ok and type(message) == 'table' and message.properties
  if type(properties) ~= 'table' or type(message.body) ~= 'string' then
    redis.call('LPUSH', malformed, envelope)
    redis.call('LTRIM', malformed, 0, 999)
    return
  end
  local tag = properties.delivery_tag
  if type(tag) ~= 'string' and type(tag) ~= 'number' then tag = fresh .. '-' .. #taken end
  local info = properties.delivery_info
  local exchange, route = '', ''
  if type(info) == 'table' then
    if type(info.exchange) == 'string' then exchange = info.exchange end
    if type(info.routing_key) == 'string' then route = info.routing_key end
  end
  hold(at, tostring(tag), envelope, cjson.encode(exchange), cjson.encode(route))
end
local first = 4
while first <= #KEYS and #taken < most * 3 do
  local found = true
  while found and #taken < most * 3 do
    found = false
    for at = first, math.min(first + width - 1, #KEYS) do
      if #taken >= most * 3 then break end
      local envelope = redis.call('RPOP', KEYS[at])
      if envelope then
        found = true
        register(at, envelope)
      end
    end
  end
  first = first + width
end
return { found, taken }`;

export type TakeKeys = { unacked: string; index: string; malformed: string };
export type Taken = { listKey: string; tag: string; envelope: string };

/** `lists` hold `width` keys for each priority step; `acks` are tags. `found` tells which of them were there still. */
export async function exchangeMessages(
  redis: Redis,
  keys: TakeKeys,
  given: { lists: string[]; width: number; most: number; acks: readonly string[] },
): Promise<{ found: boolean[]; taken: Taken[] }> {
  const { lists, width, most, acks } = given;
  const all = [keys.unacked, keys.index, keys.malformed, ...lists];
  const values = [most, Date.now() / 1000, width, randomUUID(), ...acks];
  const [found, answer] = (await runScript(redis, EXCHANGE, all, values)) as [
    number[],
    (string | number)[],
  ];
  const taken: Taken[] = [];
  for (let at = 0; at + 2 < answer.length; at += 3) {
    const listKey = all[Number(answer[at]) - 1] ?? '';
    taken.push({ listKey, tag: String(answer[at + 1]), envelope: String(answer[at + 2]) });
  }
  return { found: found.map((count) => count === 1), taken };
}
