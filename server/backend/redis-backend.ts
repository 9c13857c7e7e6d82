// Results in Redis as Celery keeps them: one JSON text a task, published on its own key when it changes. A stored SUCCESS
// is never overwritten; who waits subscribes first and reads afterwards.
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { redactUrl } from '../core/redact.ts';
import { createResultCodec, type ResultCodec } from '../celery/codec/result-codec.ts';
import { resultMetaValue, type ResultMeta, type ResultTuple } from '../celery/result-meta.ts';
import { READY_STATES } from '../celery/states.ts';
import { coalesce } from '../core/coalesce.ts';
import type { RedisAddress } from '../broker/broker-url.ts';
import { RedisLink } from '../broker/redis/redis-link.ts';
import type { RedisTarget } from '../broker/redis/open-redis.ts';
import { toBackendError } from './backend-errors.ts';
import { storeTexts, type ResultRecord } from './redis-store.ts';
import { DEFAULT_RESULT_EXPIRES_MS, type BackendOptions } from './backend-options.ts';
import { claimChord, createClaim } from './chord-claim.ts';
import { createInsistence, PATIENCE_MS, type Insist } from './insist.ts';
import { createPauses } from './pauses.ts';
import {
  addMember,
  beginChord,
  failChordCount,
  finishChord,
  holdClaim,
  readChordMembers,
  reportMember,
  type ChordKeys,
} from './redis-chords.ts';
import type { ChordBackend, ChordClaim, ResultBackend, StoreRequest } from './result-backend.ts';
import {
  decodeGroup,
  encodeChordMember,
  encodeGroup,
  groupKey,
  readMeta,
  resultKey,
  toKeyPrefix,
  type ChordResult,
} from './result-keys.ts';
import { Waiters } from './waiters.ts';

export class RedisBackend implements ResultBackend, ChordBackend {
  readonly kind = 'redis';
  readonly displayUrl: string;
  readonly #link: RedisLink;
  readonly #subscriber: RedisLink;
  readonly #prefix: string;
  readonly #expiresMs: number | null;
  readonly #codec: ResultCodec;
  readonly #waiters = new Waiters();
  readonly #pauses = createPauses();
  readonly #insist: Insist;
  readonly #store = coalesce((records: readonly ResultRecord[]) =>
    this.#run((redis) => storeTexts(redis, records, this.#expiresMs)),
  );

  constructor(address: RedisAddress, url: string, options: BackendOptions) {
    this.displayUrl = redactUrl(url);
    this.#prefix = toKeyPrefix(options.keyPrefix);
    this.#codec = createResultCodec(options.serializer ?? 'json');
    this.#insist = createInsistence(options.patienceMs ?? 0, this.#pauses.pause);
    this.#expiresMs =
      options.resultExpiresMs === undefined ? DEFAULT_RESULT_EXPIRES_MS : options.resultExpiresMs;
    const named =
      address.type === 'sentinel' && options.sentinelMaster !== undefined
        ? { ...address, master: options.sentinelMaster }
        : address;
    const target: RedisTarget = {
      address: named,
      open: {
        connectTimeoutMs: options.connectTimeoutMs ?? 5000,
        commandTimeoutMs: options.timeoutMs ?? 5000,
        clientName: 'umbel-results',
      },
    };
    this.#link = new RedisLink(target);
    this.#subscriber = new RedisLink(target, {
      prepare: async (redis) => {
        redis.on('messageBuffer', (key: Buffer, body: Buffer) => {
          this.#waiters.tell(key.toString('utf8'), readMeta(body, this.#codec));
        });
        const keys = this.#waiters.keys();
        if (keys.length === 0) return;
        await redis.subscribe(...keys);
        void this.#readAgain(keys);
      },
    });
  }

  async connect(): Promise<void> {
    await this.#link.start().catch((error: unknown) => {
      throw toBackendError(error);
    });
  }

  status(): ConnectionStatus {
    return this.#link.state.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#link.state.listen(listener);
  }

  async get(id: string): Promise<ResultMeta | null> {
    const [meta] = await this.getMany([id]);
    return meta ?? null;
  }

  async getMany(ids: readonly string[]): Promise<(ResultMeta | null)[]> {
    if (ids.length === 0) return [];
    const keys = ids.map((id) => resultKey(this.#prefix, id));
    const texts = await this.#run((redis) => redis.mgetBuffer(keys));
    return ids.map((_id, index) => readMeta(texts[index], this.#codec));
  }

  store(meta: ResultMeta, { hurry }: StoreRequest = {}): Promise<void> {
    const key = resultKey(this.#prefix, meta.taskId);
    const text = this.#codec.encode(resultMetaValue(meta));
    return this.#insist(() => this.#storeText(meta.taskId, key, text), hurry);
  }

  async #storeText(id: string, key: string, text: string | Buffer): Promise<void> {
    const answer = await this.#store({ key, text });
    if (answer === 'unclear') {
      const stored = await this.get(id);
      if (stored?.status !== 'SUCCESS') await this.#write(key, text);
    } else if (answer !== 'stored' && answer !== 'kept') throw toBackendError(new Error(answer));
  }

  async wait(id: string, timeoutMs: number): Promise<ResultMeta | null> {
    const key = resultKey(this.#prefix, id);
    return this.#waiters.wait(key, timeoutMs, {
      listen: async () => {
        await this.#insist(() =>
          this.#subscriber.start().catch((error: unknown) => {
            throw toBackendError(error);
          }),
        );
        await this.#subscriber.run((redis) => redis.subscribe(key)).catch(() => undefined);
      },
      read: () => this.#insist(() => this.get(id)).catch(() => null),
      leave: async () => {
        await this.#subscriber.run((redis) => redis.unsubscribe(key)).catch(() => undefined);
      },
      isReady: (meta) => READY_STATES.has(meta.status),
    });
  }

  async forget(id: string): Promise<void> {
    await this.#run((redis) => redis.del(resultKey(this.#prefix, id)));
  }

  async setChordSize(groupId: string, size: number): Promise<void> {
    const chord = this.#chord(groupId);
    await this.#insist(() => this.#run((redis) => beginChord(redis, chord, size, this.#expiresMs)));
  }

  async addToChord(groupId: string): Promise<void> {
    await this.#run((redis) => addMember(redis, this.#chord(groupId)));
  }

  async chordMemberDone(
    groupId: string,
    member: ChordResult & { groupIndex: number | null },
    hurry?: AbortSignal,
  ): Promise<ChordClaim | null> {
    const chord = this.#chord(groupId);
    const token = randomUUID();
    const text = encodeChordMember(member, this.#codec);
    const { id, groupIndex } = member;
    const how = { expiresMs: this.#expiresMs, token };
    const insistently = <T>(work: (redis: Redis) => Promise<T>) =>
      this.#insist(() => this.#run(work), hurry);
    const isOurs = await claimChord(
      () => insistently((redis) => reportMember(redis, chord, { id, groupIndex, text }, how)),
      this.#pauses.pause,
      hurry,
    );
    if (!isOurs) return null;
    return createClaim({
      readMembers: () => insistently((redis) => readChordMembers(redis, chord)),
      readGroup: () => this.#insist(() => this.restoreGroup(groupId)),
      getMany: (ids) => this.#insist(() => this.getMany(ids)),
      wait: (id, timeoutMs) => this.wait(id, timeoutMs),
      codec: this.#codec,
      hold: () => insistently((redis) => holdClaim(redis, chord, token)),
      finish: () => insistently((redis) => finishChord(redis, chord, token)),
      fail: () => insistently((redis) => failChordCount(redis, chord)),
    });
  }

  async saveGroup(group: ResultTuple): Promise<void> {
    const text = encodeGroup(group, this.#codec);
    await this.#insist(() => this.#write(groupKey(this.#prefix, group.id), text));
  }

  async restoreGroup(id: string): Promise<ResultTuple | null> {
    const text = await this.#run((redis) => redis.getBuffer(groupKey(this.#prefix, id)));
    return decodeGroup(text, this.#codec);
  }

  async forgetGroup(id: string): Promise<void> {
    await this.#run((redis) => redis.del(groupKey(this.#prefix, id)));
  }

  /** Keys expire by themselves. */
  cleanup(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#waiters.close();
    this.#pauses.close();
    await this.#subscriber.stop();
    await this.#link.stop();
  }

  #chord(groupId: string): ChordKeys {
    return { prefix: this.#prefix, groupId };
  }

  async #write(key: string, text: string | Buffer): Promise<void> {
    await this.#run((redis) => {
      const work = redis.multi();
      if (this.#expiresMs === null) work.set(key, text);
      else work.setex(key, Math.max(1, Math.ceil(this.#expiresMs / 1000)), text);
      return work.publish(key, text).exec();
    });
  }

  /** What was announced while nobody listened. */
  async #readAgain(keys: readonly string[]): Promise<void> {
    const insist = createInsistence(PATIENCE_MS, this.#pauses.pause);
    const read = () => insist(() => this.#run((redis) => redis.mgetBuffer([...keys])));
    const texts = await read().catch(() => []);
    texts.forEach((text, at) => this.#waiters.tell(keys[at] ?? '', readMeta(text, this.#codec)));
  }

  async #run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await this.#link.run(work);
    } catch (error) {
      throw toBackendError(error);
    }
  }
}
