// Runs a Lua script by its digest; its text travels only to a server that does not have it yet.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { errorText } from '../../core/errors.ts';

const digests = new Map<string, string>();

function digestOf(script: string): string {
  const known = digests.get(script);
  if (known !== undefined) return known;
  const digest = createHash('sha1').update(script).digest('hex');
  digests.set(script, digest);
  return digest;
}

export async function runScript(
  redis: Redis,
  script: string,
  keys: readonly string[],
  given: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(digestOf(script), keys.length, ...keys, ...given);
  } catch (error) {
    if (!errorText(error).startsWith('NOSCRIPT')) throw error;
    return redis.eval(script, keys.length, ...keys, ...given);
  }
}
