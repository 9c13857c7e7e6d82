// Results in the key-value area of the embedded broker, with the same keys and rules as in Redis.
import { randomUUID } from 'node:crypto';
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { JSON_RESULTS } from '../celery/codec/result-codec.ts';
import { encodeResultMeta, type ResultMeta, type ResultTuple } from '../celery/result-meta.ts';
import { READY_STATES } from '../celery/states.ts';
import { ConnectionState } from '../broker/connection-state.ts';
import { MemoryLink, type MemoryPlace } from '../broker/memory/memory-link.ts';
import { toBackendError } from './backend-errors.ts';
import { DEFAULT_RESULT_EXPIRES_MS, type BackendOptions } from './backend-options.ts';
import {
  claimChord,
  CLAIM_MS,
  createClaim,
  OVER,
  OVER_MS,
  PUBLISH_MS,
  type ChordReport,
} from './chord-claim.ts';
import { createPauses } from './pauses.ts';
import type { ChordBackend, ChordClaim, ResultBackend } from './result-backend.ts';
import {
  decodeGroup,
  encodeChordMember,
  encodeGroup,
  groupKey,
  readMeta,
  resultKey,
  type ChordResult,
  type GroupKeySuffix,
} from './result-keys.ts';
import { Waiters } from './waiters.ts';

const TIMEOUT_MS = 5000;

export class MemoryBackend implements ResultBackend, ChordBackend {
  readonly kind = 'memory';
  readonly displayUrl = 'memory://';
  readonly #state = new ConnectionState();
  readonly #link: MemoryLink;
  readonly #expiresMs: number | null;
  readonly #waiters = new Waiters();
  readonly #pauses = createPauses();

  constructor(place: MemoryPlace, options: BackendOptions = {}) {
    this.#link = new MemoryLink(place, options.timeoutMs ?? TIMEOUT_MS, this.#state);
    this.#link.listen((push) => {
      if (push.type === 'value') this.#waiters.tell(push.key, readMeta(push.text));
    });
    this.#expiresMs =
      options.resultExpiresMs === undefined ? DEFAULT_RESULT_EXPIRES_MS : options.resultExpiresMs;
  }

  async connect(): Promise<void> {
    try {
      await this.#link.connect();
    } catch (error) {
      throw toBackendError(error);
    }
  }

  status(): ConnectionStatus {
    return this.#state.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#state.listen(listener);
  }

  async get(id: string): Promise<ResultMeta | null> {
    const [meta] = await this.getMany([id]);
    return meta ?? null;
  }

  async getMany(ids: readonly string[]): Promise<(ResultMeta | null)[]> {
    const texts = await this.#call('getValues', { keys: ids.map((id) => resultKey('', id)) });
    return texts.map((text) => readMeta(text));
  }

  async store(meta: ResultMeta): Promise<void> {
    const stored = await this.get(meta.taskId);
    if (stored?.status === 'SUCCESS') return;
    const key = resultKey('', meta.taskId);
    await this.#call('setValue', { key, text: encodeResultMeta(meta), expiresMs: this.#expiresMs });
  }

  wait(id: string, timeoutMs: number): Promise<ResultMeta | null> {
    const key = resultKey('', id);
    return this.#waiters.wait(key, timeoutMs, {
      listen: async () => {
        try {
          await this.#link.last(key, (client) => client.call('watchValue', { key }));
        } catch (error) {
          throw toBackendError(error);
        }
      },
      read: () => this.get(id),
      leave: async () => {
        this.#link.callOff(key);
        await this.#call('unwatchValue', { key }).catch(() => undefined);
      },
      isReady: (meta) => READY_STATES.has(meta.status),
    });
  }

  async forget(id: string): Promise<void> {
    await this.#call('deleteValues', { keys: [resultKey('', id)] });
  }

  async setChordSize(groupId: string, size: number): Promise<void> {
    await this.#call('deleteValues', { keys: [groupKey('', groupId, '.c')] });
    const key = groupKey('', groupId, '.s');
    await this.#call('setValue', { key, text: String(size), expiresMs: this.#expiresMs });
  }

  async addToChord(groupId: string): Promise<void> {
    const key = groupKey('', groupId, '.t');
    for (;;) {
      const [from = null] = await this.#call('getValues', { keys: [key] });
      const to = String(Number(from ?? 0) + 1);
      if (await this.#call('swapValue', { key, from, to, expiresMs: this.#expiresMs })) return;
    }
  }

  async chordMemberDone(
    groupId: string,
    member: ChordResult & { groupIndex: number | null },
    hurry?: AbortSignal,
  ): Promise<ChordClaim | null> {
    const token = randomUUID();
    const key = (suffix: GroupKeySuffix) => groupKey('', groupId, suffix);
    const [results, added, size, claim] = [key('.j'), key('.t'), key('.s'), key('.c')];
    let members: string[] = [];
    const swap = (from: string | null, to: string, expiresMs: number) =>
      this.#call('swapValue', { key: claim, from, to, expiresMs });
    const report = async (): Promise<ChordReport> => {
      const [holder] = await this.#call('getValues', { keys: [claim] });
      if (holder === OVER) return { type: 'open' };
      members = await this.#call('addMember', {
        key: results,
        name: `${member.id}:${String(member.groupIndex)}`,
        text: encodeChordMember(member).toString(),
        score: member.groupIndex ?? Infinity,
        expiresMs: this.#expiresMs,
      });
      const [wanted, more] = await this.#call('getValues', { keys: [size, added] });
      if (wanted == null || members.length !== Number(wanted) + Number(more ?? 0)) {
        return { type: 'open' };
      }
      if (await swap(null, token, CLAIM_MS)) return { type: 'claimed' };
      return { type: 'held', forMs: CLAIM_MS };
    };
    if (!(await claimChord(report, this.#pauses.pause, hurry))) return null;
    return createClaim({
      readMembers: () => Promise.resolve(members),
      readGroup: () => this.restoreGroup(groupId),
      getMany: (ids) => this.getMany(ids),
      wait: (id, timeoutMs) => this.wait(id, timeoutMs),
      codec: JSON_RESULTS,
      hold: async () => {
        if (await swap(token, token, PUBLISH_MS)) return true;
        const [wanted] = await this.#call('getValues', { keys: [size] });
        return wanted != null && swap(null, token, PUBLISH_MS);
      },
      finish: async () => {
        if (!(await swap(token, OVER, OVER_MS))) return false;
        await this.#call('deleteValues', { keys: [results, added, size] });
        return true;
      },
      fail: async () => {
        await this.#call('deleteValues', { keys: [size] });
      },
    });
  }

  async saveGroup(group: ResultTuple): Promise<void> {
    const text = encodeGroup(group).toString();
    const key = groupKey('', group.id);
    await this.#call('setValue', { key, text, expiresMs: this.#expiresMs });
  }

  async restoreGroup(id: string): Promise<ResultTuple | null> {
    const [text] = await this.#call('getValues', { keys: [groupKey('', id)] });
    return decodeGroup(text ?? null);
  }

  async forgetGroup(id: string): Promise<void> {
    await this.#call('deleteValues', { keys: [groupKey('', id)] });
  }

  cleanup(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#waiters.close();
    this.#pauses.close();
    this.#state.close({ code: 'closed', detail: 'Closed' });
    await this.#link.close();
  }

  readonly #call: MemoryLink['call'] = async (operation, arg) => {
    try {
      return await this.#link.call(operation, arg);
    } catch (error) {
      throw toBackendError(error);
    }
  };
}
