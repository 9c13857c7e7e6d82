import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonValue } from '../../lib/python/testing/arbitrary.contract.ts';
import { isPyDict, PyFloat } from '../../lib/python/values.ts';
import {
  DELAYED_LEVELS,
  delayedRoutingKey,
  eventExchange,
  eventQueue,
  pidboxExchange,
  pidboxQueue,
  replyExchange,
  replyQueue,
  rpcResultQueue,
  taskQueue,
  undelayedRoutingKey,
  type QueueDeclaration,
} from './amqp-layout.ts';
import { encodeKombuJson } from './codec/kombu-json.ts';
import {
  commandAnswer,
  createControlRequest,
  decodeControlReply,
  decodeControlRequest,
  decodeHello,
  decodeStats,
  encodeControlReply,
  encodeControlRequest,
  encodeHello,
  isAddressedTo,
} from './control.ts';
import { createEvent, decodeEvents, encodeEventBatch, encodeSingleEvent } from './event.ts';
import { isoToMs, msToIso } from './fields.ts';
import {
  consumeKeys,
  encodeBinding,
  eventPattern,
  fanoutChannel,
  matchesTopic,
  parseBinding,
  parseFanoutChannel,
  parseQueueKey,
  priorityStep,
  queueKeys,
  topicPattern,
} from './redis-layout.ts';
import { decodeResultMeta, encodeResultMeta } from './result-meta.ts';
import { isWeaker, stateOfSubject } from './states.ts';
import { isJson, readVector, VERSIONS } from './testing/vectors.contract.ts';

const sender = { hostname: 'w@h', pid: 1, clock: 5, sentAt: 1_700_000_000_123 };

describe('events', () => {
  test('single and batched events come back', () => {
    const events = [
      createEvent('task-started', sender, { uuid: 'a' }),
      createEvent('task-succeeded', sender, { uuid: 'a', result: '5', runtime: 0.25 }),
    ];
    const batch = decodeEvents(Buffer.from(encodeEventBatch(events)), 'application/json');
    const written = events.map((event) => ({
      ...event,
      utcoffset: 0,
      timestamp: 1_700_000_000.123,
    }));
    expect(batch).toEqual({ ok: true, value: { events: written, rejected: 0 } });
    const single = encodeSingleEvent(createEvent('worker-online', sender));
    expect(single.routingKey).toBe('worker.online');
    expect(decodeEvents(single.body, single.contentType)).toMatchObject({
      ok: true,
      value: { events: [{ type: 'worker-online', timestamp: 1_700_000_000.123 }] },
    });
  });

  test('what is no event is counted and does not spoil the batch', () => {
    const deep = `{"type": "x", "a": ${'['.repeat(1000)}${']'.repeat(1000)}}`;
    const text = `[{"type": "task-sent"}, 5, null, [], {"type": 5}, {"type": ""}, ${deep}]`;
    expect(decodeEvents(text, 'application/json')).toEqual({
      ok: true,
      value: { events: [{ type: 'task-sent' }], rejected: 6 },
    });
  });

  test('NaN is read, other bytes are error values', () => {
    const result = decodeEvents('{"type": "task-x", "value": NaN}', 'application/json');
    expect(result).toMatchObject({ ok: true, value: { events: [{ value: NaN }] } });
    const heartbeat = '{"type": "worker-heartbeat", "freq": 2.0, "loadavg": [1.0, NaN, 0.5]}';
    expect(decodeEvents(heartbeat, 'application/json')).toMatchObject({
      value: { events: [{ freq: 2, loadavg: [1, NaN, 0.5] }] },
    });
    const broken = Buffer.from([0x22, 0xff, 0x22]);
    expect(decodeEvents(broken, 'application/json')).toMatchObject({ code: 'not_utf8' });
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('application/json', 'x', ''), (bytes, type) => {
        expect(typeof decodeEvents(Buffer.from(bytes), type).ok).toBe('boolean');
      }),
    );
  });
});

describe('control', () => {
  test('requests and replies come back', () => {
    const request = createControlRequest('revoke', {
      arguments: { task_id: ['a'], terminate: true },
      destination: ['w@h'],
      ticket: 't',
      replyTo: { exchange: 'reply.celery.pidbox', routingKey: 'oid' },
      clock: 3,
      expiresAt: 1_700_000_001_000,
    });
    expect(decodeControlRequest(encodeControlRequest(request))).toEqual({
      ok: true,
      value: request,
    });
    fc.assert(
      fc.property(jsonValue, (value) => {
        const reply = { worker: 'w@h', value, ticket: 't', clock: 1 };
        expect(decodeControlReply(encodeControlReply(reply))).toEqual({ ok: true, value: reply });
      }),
    );
  });

  test('a worker acts on what is addressed to it', () => {
    const to = (parts: Parameters<typeof createControlRequest>[1]): boolean =>
      isAddressedTo(createControlRequest('ping', parts), 'w1@h');
    expect(to({})).toBe(true);
    expect(to({ destination: ['w1@h'] })).toBe(true);
    expect(to({ destination: ['w2@h'] })).toBe(false);
    expect(to({ pattern: 'w?@*', matcher: 'glob' })).toBe(true);
    expect(to({ pattern: 'x*', matcher: 'glob' })).toBe(false);
    expect(to({ pattern: '*'.repeat(5000) + 'x', matcher: 'glob' })).toBe(false);
  });

  test('times of hello stay floats', () => {
    const hello = { fromNode: 'w@h', revoked: new Map([['a', 1327]]), clock: 2 };
    expect(encodeKombuJson(encodeHello(hello))).toContain('[1327.0, "a"]');
    expect(decodeHello(encodeHello(hello))).toEqual({ ok: true, value: hello });
    const bare = decodeHello({ revoked: { a: new PyFloat(5) } });
    expect(bare.ok && bare.value.revoked.get('a')).toBe(5);
  });

  test('any value is read defensively', () => {
    expect(commandAnswer({ ok: 'pong' })).toEqual({ ok: true, text: 'pong' });
    expect(commandAnswer({ error: 'E' })).toEqual({ ok: false, error: 'E' });
    expect(commandAnswer([])).toBeNull();
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(decodeStats(value).ok).toBe(isPyDict(value) && typeof value['error'] !== 'string');
      }),
    );
  });
});

describe('Redis layout', () => {
  test('priorities go to the greatest step that is not above them', () => {
    const steps = Array.from({ length: 12 }, (_, priority) => priorityStep(priority));
    expect(steps).toEqual([0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9]);
    expect([priorityStep(-5), priorityStep(null), priorityStep(NaN)]).toEqual([0, 0, 0]);
    expect(queueKeys('q')).toEqual(['q', 'q\x06\x163', 'q\x06\x166', 'q\x06\x169']);
    expect(consumeKeys(['a', 'b'], [0, 3])).toEqual(['a', 'b', 'a\x06\x163', 'b\x06\x163']);
    for (const key of queueKeys('a:b')) expect(parseQueueKey(key).queue).toBe('a:b');
  });

  test('bindings come back', () => {
    const part = fc.stringMatching(/^[a-z.#*@-]{1,10}$/);
    fc.assert(
      fc.property(part, part, part, (routingKey, pattern, queue) => {
        const binding = { routingKey, pattern, queue };
        expect(parseBinding(encodeBinding(binding))).toEqual(binding);
      }),
    );
    expect(parseBinding('nonsense')).toBeNull();
  });

  test('fanout channels and patterns', () => {
    const db = { db: 3 };
    expect(fanoutChannel('celeryev', 'worker.heartbeat', db)).toBe('/3.celeryev/worker.heartbeat');
    expect(fanoutChannel('celery.pidbox', '', db)).toBe('/3.celery.pidbox');
    expect(eventPattern(db)).toBe('/3.celeryev/*');
    expect(eventPattern({ db: 0, fanoutPrefix: false, fanoutPatterns: false })).toBe('celeryev');
    expect(eventPattern({ db: 0, globalKeyPrefix: 'pfx:' })).toBe('pfx:/0.celeryev/*');
    expect(fanoutChannel('x', '', { db: 2, fanoutPrefix: 'mine{db}.' })).toBe('mine2.x');
    expect(parseFanoutChannel('/3.celeryev/task.multi', db)).toEqual({
      exchange: 'celeryev',
      routingKey: 'task.multi',
    });
    expect(parseFanoutChannel('/4.celeryev/task.multi', db)).toBeNull();
  });

  test("topics match with kombu's meaning of * and #", () => {
    expect(topicPattern('a.*.#')).toBe('^a\\..*?[^\\.]\\..*?$');
    const part = fc.constantFrom('a', 'b', '*', '#', 'ab');
    const words = fc.array(part, { minLength: 1, maxLength: 4 }).map((list) => list.join('.'));
    const keys = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 7 }).map((l) => l.join(''));
    fc.assert(
      fc.property(words, keys, (binding, key) => {
        expect(matchesTopic(binding, key)).toBe(new RegExp(topicPattern(binding)).test(key));
      }),
      { numRuns: 500 },
    );
    expect(matchesTopic('#.'.repeat(500) + 'x', 'a.'.repeat(500))).toBe(false);
  });
});

describe.each(VERSIONS)('AMQP layout of Celery %s', (version) => {
  test('declares what the worker declared', () => {
    const capture = readVector(version, 'amqp_topology');
    const [running] = Object.values(capture);
    const { exchanges, queues } = running as { exchanges: Declared[]; queues: Declared[] };
    for (const own of [eventExchange(), pidboxExchange(), replyExchange()]) {
      const theirs = exchanges.find(({ name }) => name === own.name);
      expect(theirs).toMatchObject({
        type: own.type,
        durable: own.durable,
        auto_delete: own.autoDelete,
      });
    }
    const exclusive = version === 'main';
    for (const theirs of queues) {
      const own = queueLike(theirs.name, exclusive);
      expect({ ...theirs, arguments: argumentsOf(theirs) }).toMatchObject({
        durable: own.durable,
        auto_delete: own.autoDelete,
        exclusive: own.exclusive,
        arguments: own.arguments,
      });
    }
    const { reply_queue: rpc } = readVector(version, 'amqp_rpc_backend');
    const [declared] = rpc as Declared[];
    const own = rpcResultQueue('r', { resultExpiresMs: 3_600_000, durable: version === 'main' });
    expect(declared).toMatchObject({ durable: own.durable, auto_delete: own.autoDelete });
  });
});

type Declared = { name: string; arguments: [string, string, unknown][] };

function argumentsOf(declared: Declared): Record<string, unknown> {
  return Object.fromEntries(declared.arguments.map(([key, , value]) => [key, value]));
}

function queueLike(name: string, exclusive: boolean): QueueDeclaration {
  if (name.endsWith('.reply.celery.pidbox')) return replyQueue('oid', { exclusive });
  if (name.endsWith('.celery.pidbox')) return pidboxQueue('w@h', { exclusive });
  if (name.startsWith('celeryev.')) return eventQueue('id', { exclusive });
  return taskQueue(name, { maxPriority: 10 });
}

test('delayed delivery spells whole seconds as digits', () => {
  const { messages } = readVector('main', 'amqp_quorum_delayed');
  expect(JSON.stringify(messages)).toContain(delayedRoutingKey(100, 'qq'));
  expect(delayedRoutingKey(5, 'q').split('.')).toHaveLength(DELAYED_LEVELS + 1);
  expect(undelayedRoutingKey(delayedRoutingKey(100, 'a.b'))).toBe('a.b');
  expect(isJson(messages)).toBe(true);
});

describe('results', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(jsonValue, fc.option(fc.integer({ min: 0, max: 4e12 })), (result, doneAt) => {
        const text = encodeResultMeta({ taskId: 'a', status: 'SUCCESS', result, doneAt });
        expect(decodeResultMeta(text)).toMatchObject({ ok: true, value: { doneAt } });
        const read = decodeResultMeta(text);
        expect(read.ok && read.value.result).toEqual(result);
      }),
    );
    const exception = { excType: 'ValueError', excMessage: ['x'], excModule: 'builtins' };
    const failed = decodeResultMeta(
      encodeResultMeta({ taskId: 'a', status: 'FAILURE', exception }),
    );
    expect(failed).toMatchObject({ ok: true, value: { exception } });
  });

  test('any text is a value or an error value', () => {
    fc.assert(fc.property(fc.json(), (text) => typeof decodeResultMeta(text).ok === 'boolean'));
    expect(decodeResultMeta('{"status": "SUCCESS"}')).toMatchObject({ ok: false, path: 'task_id' });
  });
});

test('times travel as ISO texts', () => {
  fc.assert(
    fc.property(fc.integer({ min: -6e13, max: 2e14 }), (at) => {
      expect(isoToMs(msToIso(at))).toBe(at);
    }),
  );
  expect(isoToMs('2026-11-22T12:00:00')).toBe(Date.UTC(2026, 10, 22, 12));
  expect(isoToMs('2026-11-22T12:00:00.123456+05:30')).toBe(Date.UTC(2026, 10, 22, 6, 30, 0, 123));
  for (const text of ['', 'soon', '2026-13-01T00:00:00', '2026-02-30', null, 5]) {
    expect(isoToMs(text)).toBeNull();
  }
});

test('states have an order, and unknown ones a place in it', () => {
  expect(isWeaker('STARTED', 'SUCCESS')).toBe(true);
  expect(isWeaker('PROGRESS', 'FAILURE')).toBe(true);
  expect(isWeaker('REVOKED', 'PROGRESS')).toBe(true);
  expect(isWeaker('SUCCESS', 'SUCCESS')).toBe(false);
  expect(stateOfSubject('progress')).toBe('PROGRESS');
  expect(stateOfSubject('sent')).toBe('PENDING');
});
