// Publishes single events of this process: task-sent, worker-*, and those that tasks send themselves. Events are news:
// one that cannot be published is dropped and counted, never thrown.
import type { PyValue } from '../../lib/python/values.ts';
import type { Transport } from '../broker/transport.ts';
import { createEvent, encodeSingleEvent } from '../celery/event.ts';
import type { Clock } from '../core/clock.ts';
import type { LamportClock } from './lamport-clock.ts';

export interface EventPublisher {
  readonly hostname: string;
  publish(type: string, fields?: Record<string, PyValue>): Promise<void>;
  lostCount(): number;
}

export function createEventPublisher(parts: {
  transport: Transport;
  hostname: string;
  lamport: LamportClock;
  clock: Clock;
}): EventPublisher {
  let lost = 0;
  return {
    hostname: parts.hostname,
    lostCount: () => lost,
    publish: async (type, fields = {}) => {
      const sender = {
        hostname: parts.hostname,
        pid: process.pid,
        clock: parts.lamport.forward(),
        sentAt: parts.clock.now(),
      };
      const { routingKey, body, headers, contentType, contentEncoding } = encodeSingleEvent(
        createEvent(type, sender, fields),
      );
      const message = {
        headers,
        properties: { deliveryMode: 1 },
        contentType,
        contentEncoding,
        body: Buffer.from(body),
      };
      try {
        await parts.transport.publishEvent(message, routingKey);
      } catch {
        lost += 1;
      }
    },
  };
}
