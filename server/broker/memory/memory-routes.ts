// Exchanges and bindings of the memory broker: which queues a message goes to. The default exchange names its queue.
import { matchesTopic } from '../../celery/redis-layout.ts';
import type { ExchangeType } from '../transport.ts';

type Route = { routingKey: string; queue: string };
type Exchange = { type: ExchangeType; routes: Route[] };

export class MemoryRoutes {
  readonly #exchanges = new Map<string, Exchange>();

  declare(exchange: string, type: ExchangeType): Exchange {
    const known = this.#exchanges.get(exchange) ?? { type, routes: [] };
    this.#exchanges.set(exchange, known);
    return known;
  }

  isFanout(exchange: string): boolean {
    return this.#exchanges.get(exchange)?.type === 'fanout';
  }

  bind(exchange: string, type: ExchangeType, routingKey: string, queue: string): void {
    const known = this.declare(exchange, type);
    if (known.routes.some((one) => one.routingKey === routingKey && one.queue === queue)) return;
    known.routes.push({ routingKey, queue });
  }

  unbind(queue: string): void {
    for (const exchange of this.#exchanges.values()) {
      exchange.routes = exchange.routes.filter((route) => route.queue !== queue);
    }
  }

  queuesFor(exchange: string, routingKey: string): string[] {
    if (exchange === '') return [routingKey];
    const known = this.#exchanges.get(exchange);
    if (known === undefined) return [];
    const matches = known.routes.filter((route) => {
      if (known.type === 'fanout') return true;
      if (known.type === 'topic') return matchesTopic(route.routingKey, routingKey);
      return route.routingKey === routingKey;
    });
    return [...new Set(matches.map((route) => route.queue))];
  }

  bindingsOf(queue: string): { exchange: string; routingKey: string }[] {
    return [...this.#exchanges].flatMap(([exchange, { routes }]) =>
      routes
        .filter((route) => route.queue === queue)
        .map(({ routingKey }) => ({ exchange, routingKey })),
    );
  }
}
