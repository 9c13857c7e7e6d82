// Connects a worker or a beat: a broker that is not there yet is waited for, as Celery does (broker_connection_retry_on_startup).
import type { Celery } from '../../client/celery.ts';
import { errorText } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { isPassing } from '../../core/passing-trouble.ts';

const STEP_SECONDS = 2;
const MOST_SECONDS = 30;

/** False when it was told to stop meanwhile. Throws what no waiting mends, and what is still so after the last attempt. */
export async function awaitBroker(app: Celery, logger: Logger, who: string): Promise<boolean> {
  const { brokerConnectionRetryOnStartup: waits, brokerConnectionMaxRetries: most } = app.conf;
  const told = new AbortController();
  const stop = () => {
    told.abort();
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  try {
    for (let attempt = 1; !told.signal.aborted; attempt += 1) {
      try {
        await app.connect();
        return true;
      } catch (error) {
        const text = `${who}: Cannot connect to ${app.transport.displayUrl}: ${errorText(error)}.`;
        const isOver = most !== null && most > 0 && attempt > most;
        if (!waits || !isPassing(error) || isOver) {
          logger.error({}, text);
          throw error;
        }
        const seconds = Math.min(attempt * STEP_SECONDS, MOST_SECONDS);
        const count = most === null || most === 0 ? '' : ` (${String(attempt)}/${String(most)})`;
        logger.error({}, `${text}\nTrying again in ${seconds.toFixed(2)} seconds...${count}`);
        await pause(app, seconds * 1000, told.signal);
      }
    }
    return false;
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop);
  }
}

/** The transport goes on trying by itself: it may be sooner. */
function pause({ transport }: Celery, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      leave();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const wasConnected = transport.status().state === 'connected';
    const leave = transport.onStatus(({ state }) => {
      if (state === 'connected' && !wasConnected) end();
    });
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
