// One topic of one cluster, shared by everybody who looks at it: composed once per change, at a bounded rate, sent only when it says
// something new.
import type { LivePicture } from '../../../lib/contract/index.ts';
import type { Clock } from '../../core/clock.ts';
import { errorText, isAppError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { CommitNotice } from '../../store/collecting.ts';
import type { WebCluster } from '../deps.ts';
import type { LiveMessage, Mailbox } from './mailbox.ts';
import { Pace } from './pace.ts';
import { composeTopic, isChangedBy, type TopicRequest } from './topics.ts';

const INTERVAL_MS = 250;

export class Channel {
  readonly key: string;
  readonly #run: string;
  readonly #cluster: WebCluster;
  readonly #request: TopicRequest;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #mailboxes = new Set<Mailbox>();
  readonly #pace: Pace;
  #totals: { newTotal: number; changedTotal: number };
  #version = 0;
  #last: { message: LiveMessage; said: string } | null = null;

  constructor(options: {
    key: string;
    run: string;
    cluster: WebCluster;
    request: TopicRequest;
    totals: { newTotal: number; changedTotal: number };
    clock: Clock;
    logger: Logger;
  }) {
    this.key = options.key;
    this.#run = options.run;
    this.#cluster = options.cluster;
    this.#request = options.request;
    this.#totals = options.totals;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#pace = new Pace(INTERVAL_MS, () => this.#push());
  }

  get isEmpty(): boolean {
    return this.#mailboxes.size === 0;
  }

  /** The newest picture goes out at once when there is one; otherwise it is composed now. */
  add(mailbox: Mailbox): void {
    this.#mailboxes.add(mailbox);
    if (this.#last === null) this.#pace.ask();
    else mailbox.put(this.key, this.#last.message);
  }

  remove(mailbox: Mailbox): void {
    this.#mailboxes.delete(mailbox);
    mailbox.forget(this.key);
  }

  onCommit(notice: CommitNotice): void {
    this.#totals = { newTotal: notice.newTotal, changedTotal: notice.changedTotal };
    if (isChangedBy(this.#request.topic, notice)) this.#pace.ask();
  }

  close(): void {
    this.#pace.close();
  }

  async #push(): Promise<void> {
    const { message, said } = await this.#compose();
    if (this.#last?.said === said) return;
    this.#last = { message, said };
    for (const mailbox of this.#mailboxes) mailbox.put(this.key, message);
  }

  async #compose(): Promise<{ message: LiveMessage; said: string }> {
    const { name: cluster, collector } = this.#cluster;
    const at = this.#clock.now();
    try {
      // A collector that could not write may tell of an older one; what is read now is not.
      const version = Math.max(this.#version, collector.status().version);
      this.#version = version;
      const composed = await composeTopic(this.#cluster, this.#request, at);
      if (composed.type === 'announcement') {
        const announcement = { topic: composed.topic, version, ...this.#totals };
        return {
          message: { event: 'announce', message: { cluster, at, announcement } },
          said: JSON.stringify(composed.topic === 'tasks' ? this.#totals : version),
        };
      }
      const { picture } = composed;
      return {
        message: {
          event: 'picture',
          message: { cluster, run: this.#run, version, at, range: this.#request.range, picture },
        },
        said: saidBy(picture),
      };
    } catch (error) {
      const code = isAppError(error) ? error.code : 'internal';
      const detail = isAppError(error) ? error.message : 'This could not be read just now.';
      if (!isAppError(error)) {
        this.#logger.error({ err: error, topic: this.#request.topic }, 'live picture failed');
      }
      const { topic } = this.#request;
      return {
        message: { event: 'trouble', message: { cluster, topic, code, detail } },
        said: `trouble ${errorText(error)}`,
      };
    }
  }
}

/** A status that differs only in its version and the moment it was taken says nothing new. */
function saidBy(picture: LivePicture): string {
  if (picture.topic !== 'status') return JSON.stringify(picture.data);
  return JSON.stringify({ ...picture.data, at: 0, version: 0 });
}
