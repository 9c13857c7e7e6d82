// Tasks that are tried again: when they ask for it, and by themselves on errors of a kind.
import { Celery } from 'umbel';

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('retries', { broker, backend: process.env['BACKEND'] ?? broker });

class NetworkError extends Error {
  override readonly name: string = 'NetworkError';
}

class ConnectionRefused extends NetworkError {
  override readonly name = 'ConnectionRefused';
}

export const fetchPage = app.task(
  'retries.fetch_page',
  (context, url: string, failures: number) => {
    const { id, retries } = context.request;
    if (retries < failures) {
      context.retry({ error: new NetworkError(`${url} is away`), countdownMs: 10 * 2 ** retries });
    }
    return { id, attempt: retries + 1 };
  },
  { bind: true, maxRetries: 2 },
);

/** Its errors are of a kind that is a NetworkError, too. */
export const connect = app.task(
  'retries.connect',
  (context, failures: number) => {
    if (context.request.retries < failures) throw new ConnectionRefused('not now');
    return `connected after ${String(context.request.retries)} retries`;
  },
  {
    bind: true,
    autoretryFor: [NetworkError],
    maxRetries: 5,
    retryBackoff: true,
    retryBackoffMaxMs: 50,
    retryJitter: false,
  },
);
