// The main thread's end of a collector: starts its thread, passes requests in and notices out. Knows nothing of events.
import { AppError, errorText } from '../core/errors.ts';
import { startThread } from '../core/threads.ts';
import type { CollectorHandle, CommitNotice } from '../store/collecting.ts';
import type { CollectorConfig } from './config.ts';
import type { CollectorRequest, FromCollector } from './thread-protocol.ts';

const STOP_DEADLINE_MS = 4500;
/** Events are short-lived garbage: with room for a batch, most of it is gone before it is copied. */
const YOUNG_GENERATION_MB = 16;

type Waiting = { resolve: () => void; reject: (error: Error) => void };

/**
 * Starts the collector's thread and resolves when its store is open; a broker that is away is not an error, the thread
 * keeps trying. Rejects with AppError (store_newer, store_locked, bad_configuration …).
 */
export async function openCollector(config: CollectorConfig): Promise<CollectorHandle> {
  const ports = [config.transport.port, config.backend.port].filter(
    (port) => port !== null && port !== undefined,
  );
  const worker = startThread('collector/thread', config, {
    transferList: ports,
    name: `collector ${config.cluster}`,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const listeners = new Set<(notice: CommitNotice) => void>();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let stopping = false;
  let ended: Error | null = null;
  let status = null as CommitNotice['status'] | null;
  let reportFailure: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (reportFailure = resolve));
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  const ready = new Promise<void>((resolve, reject) => {
    const end = (error: Error) => {
      ended ??= error;
      reject(error);
      for (const request of waiting.values()) request.reject(error);
      waiting.clear();
      if (!stopping) reportFailure(error);
    };
    worker.on('message', (message: FromCollector) => {
      switch (message.type) {
        case 'ready':
          status = message.status;
          return resolve();
        case 'refused':
          return end(new AppError(message.failure.code, message.failure.message));
        case 'commit':
          status = message.notice.status;
          for (const listener of listeners) listener(message.notice);
          return;
        case 'done': {
          const request = waiting.get(message.id);
          waiting.delete(message.id);
          if (message.failure === null) request?.resolve();
          else request?.reject(new AppError(message.failure.code, message.failure.message));
        }
      }
    });
    worker.on('error', (error) =>
      end(new AppError('internal', `The collector failed: ${errorText(error)}`, { cause: error })),
    );
    worker.on('exit', (code) => end(new AppError('closed', `The collector ended with ${code}`)));
  });

  const ask = (request: CollectorRequest): Promise<void> =>
    new Promise((resolve, reject) => {
      if (stopping && request.type !== 'stop') {
        reject(new AppError('closed', 'The collector is stopping'));
        return;
      }
      if (ended !== null) {
        reject(ended);
        return;
      }
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      worker.postMessage({ id: lastId, request });
    });

  try {
    await ready;
  } catch (error) {
    stopping = true;
    await worker.terminate();
    throw error;
  }

  return {
    status: () => {
      if (status === null) throw new AppError('closed', 'The collector has not started');
      return status;
    },
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    annotate: (annotation) => ask({ type: 'annotate', annotation }),
    inspectNow: (hostnames, methods) => ask({ type: 'inspect-now', hostnames, methods }),
    forgetWorker: (hostname) => ask({ type: 'forget-worker', hostname }),
    stop: async () => {
      if (stopping) return exited;
      stopping = true;
      let deadline: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        deadline = setTimeout(resolve, STOP_DEADLINE_MS);
      });
      await Promise.race([ask({ type: 'stop' }).catch(() => undefined), exited, late]);
      clearTimeout(deadline);
      await worker.terminate();
    },
    failed: () => failed,
  };
}
