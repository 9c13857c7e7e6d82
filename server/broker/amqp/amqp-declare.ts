// Declaring a task queue with what leads to it, as Celery declares it.
import type { ChannelModel } from 'amqplib';
import { rpcQueue, taskQueue, type ExchangeDeclaration } from '../../celery/amqp-layout.ts';
import type { DeclareOptions, ExchangeType } from '../transport.ts';
import type { AmqpLink } from './amqp-link.ts';

export function taskExchange(name: string, type: ExchangeType): ExchangeDeclaration {
  return { name, type, durable: true, autoDelete: false };
}

/** `on` a connection that is being set up; else on the one that is there. */
export async function declareAmqpQueue(
  link: AmqpLink,
  queue: string,
  options: DeclareOptions,
  on: ChannelModel = link.model(),
): Promise<void> {
  const { exchange = queue, exchangeType = 'direct', routingKey = queue } = options;
  if (options.passive === true) {
    await link.errand((channel) => channel.checkQueue(queue), { on });
    return;
  }
  const { temporary } = options;
  const declared =
    temporary === undefined ? taskQueue(queue, options) : rpcQueue(queue, temporary.expiresMs);
  await link.declareQueue(declared, on);
  if (exchange === '') return;
  await link.declareExchange(taskExchange(exchange, exchangeType), on);
  await link.errand((channel) => channel.bindQueue(queue, exchange, routingKey), { on });
}
