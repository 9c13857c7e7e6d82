// Results in the key-value area of the embedded broker, with the same keys and rules as in Redis.
import type { MessagePort } from 'node:worker_threads';
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { encodeResultMeta, type ResultMeta, type ResultTuple } from '../celery/result-meta.ts';
import { READY_STATES } from '../celery/states.ts';
import { ConnectionState } from '../broker/connection-state.ts';
import { PortClient } from '../broker/memory/port-client.ts';
import { toBackendError } from './backend-errors.ts';
import { DEFAULT_RESULT_EXPIRES_MS, type BackendOptions } from './backend-options.ts';
import type { ChordBackend, ChordOutcome, ResultBackend } from './result-backend.ts';
import {
  decodeChordMembers,
  decodeGroup,
  encodeChordMember,
  encodeGroup,
  groupKey,
  nestedResults,
  readMeta,
  resultKey,
  type ChordResult,
} from './result-keys.ts';
import { Waiters } from './waiters.ts';

export class MemoryBackend implements ResultBackend, ChordBackend {
  readonly kind = 'memory';
  readonly displayUrl = 'memory://';
  readonly #state = new ConnectionState();
  readonly #client: PortClient;
  readonly #expiresMs: number | null;
  readonly #waiters = new Waiters();
  #connecting: Promise<void> | null = null;

  constructor(options: BackendOptions & { port: MessagePort }) {
    this.#client = new PortClient(options.port, options.timeoutMs ?? 5000, () => {
      this.#state.close({ code: 'failed', detail: 'The embedded broker is gone' });
    });
    this.#expiresMs =
      options.resultExpiresMs === undefined ? DEFAULT_RESULT_EXPIRES_MS : options.resultExpiresMs;
  }

  connect(): Promise<void> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    this.#client.open();
    this.#client.listen((push) => {
      if (push.type === 'value') this.#waiters.tell(push.key, readMeta(push.text));
    });
    await this.#call('hello', null);
    this.#state.connected();
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
        await this.#call('watchValue', { key });
      },
      read: () => this.get(id),
      leave: async () => {
        await this.#call('unwatchValue', { key }).catch(() => undefined);
      },
      isReady: (meta) => READY_STATES.has(meta.status),
    });
  }

  async forget(id: string): Promise<void> {
    await this.#call('deleteValues', { keys: [resultKey('', id)] });
  }

  async setChordSize(groupId: string, size: number): Promise<void> {
    const key = groupKey('', groupId, '.s');
    await this.#call('setValue', { key, text: String(size), expiresMs: this.#expiresMs });
  }

  async addToChord(groupId: string): Promise<void> {
    const [size] = await this.#call('getValues', { keys: [groupKey('', groupId, '.s')] });
    await this.setChordSize(groupId, Number(size ?? 0) + 1);
  }

  async chordMemberDone(
    groupId: string,
    member: ChordResult & { groupIndex: number | null },
  ): Promise<ChordOutcome | null> {
    const [j, s] = [groupKey('', groupId, '.j'), groupKey('', groupId, '.s')];
    const members = await this.#call('addMember', {
      key: j,
      member: encodeChordMember(member).toString(),
      score: member.groupIndex ?? Infinity,
      expiresMs: this.#expiresMs,
    });
    const [size] = await this.#call('getValues', { keys: [s] });
    if (size === null || members.length !== Number(size)) return null;
    const results = decodeChordMembers(members);
    if (results.every((one) => one.state === 'SUCCESS')) {
      await this.#call('deleteValues', { keys: [j, s] });
    } else await this.#call('deleteValues', { keys: [s] });
    const group = await this.restoreGroup(groupId);
    if (group === null) return { results };
    return { results, ...(await nestedResults(group, (ids) => this.getMany(ids))) };
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

  close(): Promise<void> {
    this.#waiters.close();
    this.#state.close({ code: 'closed', detail: 'Closed' });
    this.#client.close();
    return Promise.resolve();
  }

  readonly #call: PortClient['call'] = async (operation, arg) => {
    try {
      return await this.#client.call(operation, arg);
    } catch (error) {
      throw toBackendError(error);
    }
  };
}
