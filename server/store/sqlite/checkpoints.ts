// Moves what was committed from the log into the file, in a thread of its own that starts with the first request. A
// request while one is under way adds nothing; a failure is tried again with the next one.
import type { Worker } from 'node:worker_threads';
import { errorText } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { startThread } from '../../core/threads.ts';

const HEAP_MB = 16;

export class Checkpoints {
  private readonly path: string;
  private readonly logger: Logger;
  private thread: Worker | null = null;
  private isBusy = false;

  constructor(path: string, logger: Logger) {
    this.path = path;
    this.logger = logger;
  }

  request(): void {
    if (this.isBusy) return;
    this.isBusy = true;
    this.thread ??= this.start();
    this.thread.postMessage('checkpoint');
  }

  close(): void {
    this.thread?.postMessage('close');
    this.thread = null;
  }

  private start(): Worker {
    const thread = startThread('store/sqlite/checkpoint-thread', this.path, {
      name: 'checkpoints',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 1 },
    });
    thread.unref();
    thread.on('message', (failure: string | null) => this.done(failure));
    thread.on('error', (error) => {
      this.thread = null;
      this.done(errorText(error));
    });
    return thread;
  }

  private done(failure: string | null): void {
    this.isBusy = false;
    if (failure !== null) this.logger.debug({ error: failure }, 'checkpoint put off');
  }
}
