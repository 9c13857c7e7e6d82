// What Redis and ioredis say when something goes wrong, as our own errors with a sentence an operator can act on.
import { AppError, errorText, isAppError } from '../../core/errors.ts';

export const CLUSTER_REFUSAL =
  'This is a Redis Cluster, which Celery cannot use as a broker either; point Umbel to a single Redis, or to its sentinels';

const AUTHENTICATION = /^(NOAUTH|WRONGPASS)|invalid (username-)?password|invalid password/i;

export function toRedisError(error: unknown, place: string): AppError {
  if (isAppError(error)) return error;
  const text = errorText(error);
  const fail = (code: ConstructorParameters<typeof AppError>[0], message: string) =>
    new AppError(code, message, { cause: error });
  if (AUTHENTICATION.test(text)) {
    return fail('broker_auth', `Redis at ${place} refused the credentials: ${text}`);
  }
  if (text.startsWith('NOPERM')) {
    return fail('broker_auth', `Redis at ${place} does not permit this: ${text}`);
  }
  if (/^(MOVED|ASK|CLUSTERDOWN|CROSSSLOT) ?/.test(text)) {
    return fail('bad_configuration', `${place}: ${CLUSTER_REFUSAL}`);
  }
  if (/timed out|ETIMEDOUT/.test(text)) {
    return fail('timeout', `Redis at ${place} did not answer in time`);
  }
  if (/^(OOM|READONLY|MISCONF|WRONGTYPE|ERR|NOSCRIPT|EXECABORT)/.test(text)) {
    return fail('broker_refused', `Redis at ${place} refused: ${text}`);
  }
  return fail('broker_unreachable', `Redis at ${place} cannot be reached: ${text}`);
}
