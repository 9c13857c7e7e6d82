import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../broker/memory/serve.ts';
import { createBackend, isChordBackend } from './create-backend.ts';
import { describeBackend, resultOf } from './result-backend.contract.ts';
import { groupKey } from './result-keys.ts';

async function open(broker: MemoryBroker) {
  const { port1, port2 } = new MessageChannel();
  serveMemoryBroker(broker, port1);
  const backend = createBackend('memory://', { port: port2, resultExpiresMs: 1000 });
  if (!isChordBackend(backend)) throw new Error('no chords');
  await backend.connect();
  return backend;
}

describeBackend('memory', () => {
  const broker = new MemoryBroker();
  return {
    open: () => open(broker),
    endClaim: (groupId) => {
      broker.values.delete([groupKey('', groupId, '.c')]);
      return Promise.resolve();
    },
  };
});

describe('the memory result backend', () => {
  it('lets results expire', async () => {
    let now = 1000;
    const backend = await open(new MemoryBroker({ clock: { now: () => now } }));
    await backend.store(resultOf('a', 'SUCCESS', 1));
    now += 999;
    await expect(backend.get('a')).resolves.not.toBeNull();
    now += 1;
    await expect(backend.get('a')).resolves.toBeNull();
    await backend.close();
  });

  it('forgets the oldest results when it is full', async () => {
    const backend = await open(new MemoryBroker({ maxValueBytes: 2000 }));
    for (const id of ['a', 'b', 'c']) await backend.store(resultOf(id, 'SUCCESS', 'x'.repeat(600)));
    await expect(backend.get('a')).resolves.toBeNull();
    await expect(backend.get('c')).resolves.not.toBeNull();
    await backend.close();
  });
});

describe('createBackend', () => {
  it('says what it supports, and why rpc:// cannot be read', async () => {
    expect(() => createBackend('mongodb://u:hidden@h')).toThrow(/"mongodb".*redis:\/\//);
    expect(() => createBackend('memory://')).toThrow(/port/);
    const rpc = createBackend('rpc://');
    await rpc.connect();
    await expect(rpc.get('a')).rejects.toMatchObject({ code: 'unsupported' });
    await rpc.close();
  });
});
