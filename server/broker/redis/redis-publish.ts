// Publishing as kombu's Redis transport does: the sender reads the bindings and pushes to every queue that matches, on the
// list of the message's priority step.
import { coalesce } from '../../core/coalesce.ts';
import { AppError } from '../../core/errors.ts';
import type { WireMessage } from '../../celery/message.ts';
import {
  encodeBinding,
  encodeEnvelope,
  fanoutChannel,
  priorityStep,
  queueKey,
  topicPattern,
} from '../../celery/redis-layout.ts';
import type { DeclareOptions, PublishTarget } from '../transport.ts';
import { Bindings } from './redis-bindings.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

export async function declareRedisQueue(
  link: RedisLink,
  settings: RedisSettings,
  queue: string,
  options: DeclareOptions,
): Promise<void> {
  if (options.passive === true) return;
  const { exchange = queue, routingKey = queue, exchangeType = 'direct' } = options;
  const pattern = exchangeType === 'topic' ? topicPattern(routingKey) : '';
  const member = encodeBinding({ routingKey, pattern, queue }, settings.sep);
  await link.run((redis) => redis.sadd(settings.bindings(exchange), member));
}

/** The queues that get a message; empty when nobody is bound. */
export function lookupQueues(
  link: RedisLink,
  settings: RedisSettings,
  target: PublishTarget,
): Promise<string[]> {
  return new Bindings(link, settings).queuesOf(target);
}

type Push = { list: string; envelope: string };
export type Pusher = (push: Push) => Promise<Error | null>;

/** Calls that come while Redis is asked travel together, each with its own answer. */
export function createPusher(link: RedisLink): Pusher {
  const pushAll = (pushes: readonly Push[]): Promise<(Error | null)[]> =>
    link.run(async (redis) => {
      const [only] = pushes;
      if (only !== undefined && pushes.length === 1) {
        await redis.lpush(only.list, only.envelope);
        return [null];
      }
      const commands = redis.pipeline();
      for (const { list, envelope } of pushes) commands.lpush(list, envelope);
      return ((await commands.exec()) ?? []).map(([error]) => error);
    });
  return coalesce(pushAll, { isPrompt: true });
}

export async function publishToRedis(
  link: RedisLink,
  settings: RedisSettings,
  push: Pusher,
  message: WireMessage,
  target: PublishTarget,
): Promise<void> {
  const queues =
    target.exchange === '' ? [target.routingKey] : await lookupQueues(link, settings, target);
  if (queues.length === 0) {
    throw new AppError(
      'broker_refused',
      `No queue is bound to exchange ${target.exchange} with routing key ${target.routingKey}`,
    );
  }
  const envelope = encodeEnvelope(message, target);
  const step = priorityStep(message.properties.priority, settings.steps);
  for (const queue of queues) {
    const refusal = await push({
      list: settings.key(queueKey(queue, step, settings.sep)),
      envelope,
    });
    if (refusal !== null) await link.run(() => Promise.reject(refusal));
  }
}

export async function publishFanout(
  link: RedisLink,
  settings: RedisSettings,
  message: WireMessage,
  target: PublishTarget,
): Promise<void> {
  const channel = fanoutChannel(target.exchange, target.routingKey, settings.fanout);
  await link.run((redis) => redis.publish(channel, encodeEnvelope(message, target)));
}
