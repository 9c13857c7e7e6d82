// Opens one connection to RabbitMQ with amqplib, in bounded time, and says clearly what is wrong when it cannot. It never
// reconnects by itself. Failover lists are tried in order.
import type { Socket } from 'node:net';
import type { ChannelModel } from 'amqplib';
import { AppError, errorText, isAppError } from '../../core/errors.ts';
import type { AmqpServer } from '../broker-url.ts';
import { toTlsOptions } from '../tls-options.ts';

export type OpenAmqpOptions = { connectTimeoutMs: number; clientName: string };

export type AmqpConnection = {
  model: ChannelModel;
  server: AmqpServer;
  /** Ends the socket, whatever the server does. */
  destroy: () => void;
};

export async function openAmqp(
  servers: readonly AmqpServer[],
  options: OpenAmqpOptions,
  onLost: (reason: string) => void,
): Promise<AmqpConnection> {
  let failure: unknown = new AppError('bad_configuration', 'No RabbitMQ server is given');
  for (const server of servers) {
    try {
      const model = await openOne(server, options, onLost);
      const { stream } = model.connection as unknown as { stream: Socket };
      return { model, server, destroy: () => void stream.destroy() };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function openOne(
  server: AmqpServer,
  { connectTimeoutMs, clientName }: OpenAmqpOptions,
  onLost: (reason: string) => void,
): Promise<ChannelModel> {
  const { host, port, username, password, vhost, tls } = server;
  const place = `${host}:${port}`;
  const tlsOptions = tls === null ? {} : (toTlsOptions(tls) as object);
  // Loads with the first connection: threads that run tasks have none.
  const { connect } = await import('./amqp-library.ts');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `RabbitMQ at ${place} did not complete the connection in ${connectTimeoutMs} ms`;
    timer = setTimeout(() => reject(new AppError('timeout', message)), connectTimeoutMs);
  });
  const opening = connect(
    {
      protocol: tls === null ? 'amqp' : 'amqps',
      ...{ hostname: host, port, username, password, vhost: encodeURIComponent(vhost) },
      heartbeat: server.heartbeatSeconds ?? 10,
    },
    {
      timeout: connectTimeoutMs,
      noDelay: true,
      clientProperties: { connection_name: clientName },
      ...tlsOptions,
    },
  );
  opening.then(
    (model) => {
      model.on('error', () => undefined);
    },
    () => undefined,
  );
  let model: ChannelModel;
  try {
    model = await Promise.race([opening, late]);
  } catch (error) {
    opening.then(
      (tooLate) => void tooLate.close().catch(() => undefined),
      () => undefined,
    );
    throw toAmqpError(error, place);
  } finally {
    clearTimeout(timer);
  }
  model.on('close', (error?: Error) => {
    onLost(`RabbitMQ at ${place}: ${error === undefined ? 'closed' : errorText(error)}`);
  });
  return model;
}

export function toAmqpError(error: unknown, place: string): AppError {
  if (isAppError(error)) return error;
  const text = errorText(error);
  const fail = (code: ConstructorParameters<typeof AppError>[0], message: string) =>
    new AppError(code, message, { cause: error });
  if (/ACCESS[_-]REFUSED|\b403\b|Handshake terminated by server: 403/i.test(text)) {
    return fail(
      'broker_auth',
      `RabbitMQ at ${place} refused the credentials or the access: ${text}`,
    );
  }
  if (/NOT[_-]ALLOWED|\b530\b/i.test(text)) {
    return fail(
      'broker_auth',
      `RabbitMQ at ${place} does not give this user the virtual host: ${text}`,
    );
  }
  if (/NOT[_-]FOUND|\b404\b/i.test(text)) return fail('not_found', `RabbitMQ at ${place}: ${text}`);
  if (/PRECONDITION[_-]FAILED|RESOURCE[_-]LOCKED|\b40[56]\b/i.test(text)) {
    return fail('broker_refused', `RabbitMQ at ${place} refused: ${text}`);
  }
  if (/ETIMEDOUT|timed out/i.test(text)) {
    return fail('timeout', `RabbitMQ at ${place} did not answer in time`);
  }
  return fail('broker_unreachable', `RabbitMQ at ${place} cannot be reached: ${text}`);
}
