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
import { claimChord, createClaim, createPauses } from './chord-claim.ts';
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
import type { ChordBackend, ChordClaim, ResultBackend } from './result-backend.ts';
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
  readonly #store = coalesce((records: readonly ResultRecord[]) =>
    this.#run((redis) => storeTexts(redis, records, this.#expiresMs)),
  );
  #subscribing: Promise<void> | null = null;

  constructor(address: RedisAddress, url: string, options: BackendOptions) {
    this.displayUrl = redactUrl(url);
    this.#prefix = toKeyPrefix(options.keyPrefix);
    this.#codec = createResultCodec(options.serializer ?? 'json');
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
        if (keys.length > 0) await redis.subscribe(...keys);
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

  async store(meta: ResultMeta): Promise<void> {
    const key = resultKey(this.#prefix, meta.taskId);
    const text = this.#codec.encode(resultMetaValue(meta));
    const answer = await this.#store({ key, text });
    if (answer === 'unclear') {
      const stored = await this.get(meta.taskId);
      if (stored?.status !== 'SUCCESS') await this.#write(key, text);
    } else if (answer !== 'stored' && answer !== 'kept') throw toBackendError(new Error(answer));
  }

  async wait(id: string, timeoutMs: number): Promise<ResultMeta | null> {
    const key = resultKey(this.#prefix, id);
    return this.#waiters.wait(key, timeoutMs, {
      listen: async () => {
        this.#subscribing ??= this.#subscriber.start();
        await this.#subscribing.catch((error: unknown) => {
          throw toBackendError(error);
        });
        await this.#subscriber.run((redis) => redis.subscribe(key)).catch(() => undefined);
      },
      read: () => this.get(id).catch(() => null),
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
    await this.#run((redis) => beginChord(redis, chord, size, this.#expiresMs));
  }

  async addToChord(groupId: string): Promise<void> {
    await this.#run((redis) => addMember(redis, this.#chord(groupId)));
  }

  async chordMemberDone(
    groupId: string,
    member: ChordResult & { groupIndex: number | null },
  ): Promise<ChordClaim | null> {
    const chord = this.#chord(groupId);
    const token = randomUUID();
    const text = encodeChordMember(member, this.#codec);
    const { id, groupIndex } = member;
    const how = { expiresMs: this.#expiresMs, token };
    const isOurs = await claimChord(
      () => this.#run((redis) => reportMember(redis, chord, { id, groupIndex, text }, how)),
      this.#pauses.pause,
    );
    if (!isOurs) return null;
    return createClaim({
      readMembers: () => this.#run((redis) => readChordMembers(redis, chord)),
      readGroup: () => this.restoreGroup(groupId),
      getMany: (ids) => this.getMany(ids),
      codec: this.#codec,
      hold: () => this.#run((redis) => holdClaim(redis, chord, token)),
      finish: () => this.#run((redis) => finishChord(redis, chord, token)),
      fail: () => this.#run((redis) => failChordCount(redis, chord)),
    });
  }

  async saveGroup(group: ResultTuple): Promise<void> {
    await this.#write(groupKey(this.#prefix, group.id), encodeGroup(group, this.#codec));
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

  async #run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await this.#link.run(work);
    } catch (error) {
      throw toBackendError(error);
    }
  }
}
