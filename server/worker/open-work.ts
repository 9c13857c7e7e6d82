// What a worker has begun and not ended: counted, so that a shutdown can wait for it. What goes wrong in it is told and harms nothing else.
import { errorText, isAppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';

export class OpenWork {
  readonly #logger: Logger;
  #count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get count(): number {
    return this.#count;
  }

  add(work: Promise<unknown>): void {
    this.#count += 1;
    work.then(this.#onDone, this.#onTrouble);
  }

  readonly #onDone = (): void => {
    this.#count -= 1;
  };

  readonly #onTrouble = (error: unknown): void => {
    this.#count -= 1;
    const level = isAppError(error) && error.code === 'broker_unreachable' ? 'debug' : 'warn';
    this.#logger[level]({ error: errorText(error) }, 'handling a task went wrong');
  };
}
