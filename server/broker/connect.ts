// Chooses the transport for a broker address. Opens nothing: `connect` of the transport does.
import { AmqpTransport } from './amqp/amqp-transport.ts';
import { parseBrokerUrl } from './broker-url.ts';
import { neededPathOf } from './memory/socket-path.ts';
import { MemoryTransport } from './memory/memory-transport.ts';
import { RedisTransport } from './redis/redis-transport.ts';
import type { Transport, TransportOptions } from './transport.ts';

/** Throws AppError bad_configuration when the address cannot be used. */
export function createTransport(options: TransportOptions): Transport {
  const address = parseBrokerUrl(options.url);
  switch (address.type) {
    case 'memory': {
      const { port, timeoutMs, url } = options;
      return new MemoryTransport(
        port === undefined ? { path: neededPathOf(url) } : { port },
        timeoutMs,
      );
    }
    case 'redis':
    case 'sentinel':
      return new RedisTransport(address, options);
    case 'amqp':
      return new AmqpTransport(address.servers, options);
  }
}
