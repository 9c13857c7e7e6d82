// Which queues a message goes to, or came through, by its exchange and routing key: the bindings that processes declared,
// read once an exchange. Direct and topic exchanges tell themselves apart by the stored pattern.
import { matchesTopic, parseBinding, type RedisBinding } from '../../celery/redis-layout.ts';
import type { PublishTarget } from '../transport.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';

export class Bindings {
  readonly #link: RedisLink;
  readonly #settings: RedisSettings;
  readonly #read = new Map<string, Promise<RedisBinding[]>>();

  constructor(link: RedisLink, settings: RedisSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  /** Empty when nobody is bound. */
  async queuesOf({ exchange, routingKey }: PublishTarget): Promise<string[]> {
    if (exchange === '') return [routingKey];
    const reading = this.#read.get(exchange) ?? this.#bindingsOf(exchange);
    this.#read.set(exchange, reading);
    const queues = (await reading)
      .filter((binding) => {
        if (binding.pattern === '') return binding.routingKey === routingKey;
        return matchesTopic(binding.routingKey, routingKey);
      })
      .map((binding) => binding.queue);
    return [...new Set(queues)];
  }

  async #bindingsOf(exchange: string): Promise<RedisBinding[]> {
    const { bindings, sep } = this.#settings;
    const members = await this.#link.run((redis) => redis.smembers(bindings(exchange)));
    return members.map((member) => parseBinding(member, sep)).filter((one) => one !== null);
  }
}
