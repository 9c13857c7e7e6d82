import { describe, expect, test } from 'vitest';
import { toPlain } from '../../lib/python/values.ts';
import { decodeMessageBody } from './codec/body.ts';
import { viewPickle } from './codec/pickle-view.ts';
import {
  decodeActiveQueues,
  decodeConf,
  decodeControlReply,
  decodeControlRequest,
  decodeHello,
  decodeQueryTask,
  decodeRegistered,
  decodeRevoked,
  decodeScheduled,
  decodeStats,
  decodeTaskInfos,
} from './control.ts';
import { decodeUnacked } from './envelope.ts';
import { decodeEvents, eventRoutingKey } from './event.ts';
import { decodeTaskMessage, validateTaskMessage } from './message.ts';
import { decodeResultMeta, encodeResultMeta } from './result-meta.ts';
import { parseBinding } from './redis-layout.ts';
import {
  isJson,
  readVector,
  recordedMessages,
  VERSIONS,
  vectorNames,
  type Recorded,
} from './testing/vectors.contract.ts';

function messagesOf(version: (typeof VERSIONS)[number], name: string): Recorded[] {
  const recorded = recordedMessages(readVector(version, name));
  expect(recorded.length).toBeGreaterThan(0);
  return recorded;
}

function ok<T>(result: { ok: true; value: T } | { ok: false; message: string }): T {
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

const UNREADABLE = new Set(['application/x-lzma']);

describe.each(VERSIONS)('vectors of Celery %s', (version) => {
  test('are all there', () => {
    expect(vectorNames(version).length).toBeGreaterThanOrEqual(18);
  });

  test.each(['redis_queue_messages', 'redis_worker_messages', 'amqp_messages', 'redis_beat'])(
    'every task message of %s decodes and would be safe to send again',
    (name) => {
      for (const { message, where } of messagesOf(version, name)) {
        const task = ok(decodeTaskMessage(message));
        expect(task.protocol, where).toBe(where.includes('protocol_v1') ? 1 : 2);
        if (task.protocol === 1) continue;
        expect(task.id, where).toBe(message.headers['id']);
        if (UNREADABLE.has(task.compression ?? '')) {
          expect(task.bodyIssue, where).toContain('cannot be read');
          continue;
        }
        expect(task.bodyIssue, where).toBeNull();
        expect(Array.isArray(task.args), where).toBe(true);
        if (message.contentType !== 'application/x-python-serialize') {
          expect(validateTaskMessage(message), where).toEqual([]);
        }
      }
    },
  );

  test('a body decodes to what Python says that it is', () => {
    let compared = 0;
    for (const { message, expected, where } of messagesOf(version, 'redis_queue_messages')) {
      const isPlain = message.contentType === 'application/json' && expected !== undefined;
      if (!isPlain || UNREADABLE.has(String(message.headers['compression']))) continue;
      if (/numbers|typed_json/.test(where)) continue;
      expect(toPlain(ok(decodeMessageBody(message))), where).toEqual(expected);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(40);
  });

  test('protocol 1 is read', () => {
    for (const { message, where } of messagesOf(version, 'redis_protocol_v1')) {
      const task = ok(decodeTaskMessage(message));
      expect(task.protocol, where).toBe(1);
      expect(task.name, where).toMatch(/^demo\./);
      expect(task.args, where).not.toBeNull();
    }
  });

  test.each(['redis_events', 'amqp_events', 'redis_mingle_gossip'])(
    'every event of %s decodes',
    (name) => {
      let count = 0;
      for (const { message, where } of recordedMessages(readVector(version, name))) {
        if (message.properties.exchange !== 'celeryev') continue;
        const { events, rejected } = ok(decodeEvents(message.body, message.contentType));
        expect(rejected, where).toBe(0);
        count += events.length;
        const { routingKey } = message.properties;
        for (const event of events) {
          expect(typeof event.timestamp, where).toBe('number');
          if (routingKey !== 'task.multi') expect(eventRoutingKey(event.type)).toBe(routingKey);
        }
      }
      expect(count).toBeGreaterThan(0);
    },
  );

  test.each(['redis_pidbox', 'amqp_pidbox'])('every request and reply of %s decodes', (name) => {
    let replies = 0;
    for (const { message, where } of messagesOf(version, name)) {
      if (message.properties.exchange === 'celery.pidbox') {
        const request = ok(decodeControlRequest(message));
        expect(request.method, where).not.toBe('');
        expect(request.ticket === null, where).toBe(request.replyTo === null);
      }
      if (message.properties.exchange === 'reply.celery.pidbox') {
        expect(ok(decodeControlReply(message)).worker, where).toMatch(/@/);
        replies += 1;
      }
    }
    expect(replies).toBeGreaterThan(5);
  });

  test('inspect replies become our own types', () => {
    const capture = readVector(version, 'redis_pidbox');
    const reply = (name: string) => {
      const part = capture[name];
      const [recorded] = recordedMessages(isJson(part) ? part['replies'] : []);
      if (recorded === undefined) throw new Error(`no reply of ${name}`);
      return ok(decodeControlReply(recorded.message)).value;
    };
    const active = ok(decodeTaskInfos(reply('active')));
    expect(active.map((task) => task.type)).toContain('demo.sleepy');
    expect(active[0]?.startedAt).toBeGreaterThan(1.7e12);
    const [scheduled] = ok(decodeScheduled(reply('scheduled')));
    expect(scheduled?.etaAt).toBeGreaterThan(1.7e12);
    expect(scheduled?.request.name).toBe('demo.echo');
    expect([...ok(decodeQueryTask(reply('query_task'))).values()][0]?.place).toBe('active');
    const registered = ok(decodeRegistered(reply('registered')));
    expect(registered.find((task) => task.name === 'demo.limited')?.attributes).toEqual({
      rate_limit: '30/m',
    });
    const stats = ok(decodeStats(reply('stats')));
    expect(stats.pool.maxConcurrency).toBe(2);
    expect(stats.pool.maxTasksPerChild).toBeNull();
    expect(stats.clock).toBeGreaterThan(0);
    expect(stats.broker.transport).toBe('redis');
    expect(ok(decodeActiveQueues(reply('active_queues')))[0]).toMatchObject({
      name: 'celery',
      exchangeType: 'direct',
    });
    expect(Object.keys(ok(decodeConf(reply('conf')))).length).toBeGreaterThan(3);
    expect(ok(decodeRevoked(reply('revoked')))).toContain('id-1');
    expect(ok(decodeHello(reply('hello'))).revoked.get('id-1')).toBeGreaterThan(1);
    const refused = decodeTaskInfos(reply('unknown_command'));
    expect(refused).toMatchObject({ ok: false, code: 'command_failed' });
  });

  test.each(['redis_results', 'redis_results_extended'])(
    'every record of %s decodes, and survives being written again',
    (name) => {
      let records = 0;
      for (const text of resultTexts(readVector(version, name))) {
        const meta = ok(decodeResultMeta(text));
        const again = ok(decodeResultMeta(encodeResultMeta(meta)));
        expect(again).toEqual(meta);
        if (meta.status === 'FAILURE') expect(meta.exception?.excType).not.toBe('');
        records += 1;
      }
      expect(records).toBeGreaterThan(20);
    },
  );

  test('rpc results decode', () => {
    for (const name of ['redis_rpc_backend', 'amqp_rpc_backend']) {
      const results = messagesOf(version, name).filter(
        ({ message }) => !('task' in message.headers),
      );
      expect(results.length).toBeGreaterThan(0);
      for (const { message } of results) {
        expect(ok(decodeResultMeta(message.body)).status).toMatch(/^[A-Z]+$/);
      }
    }
  });

  test('bindings and unacked messages of Redis are read', () => {
    const { bindings, unacked_while_running: running } = readVector(version, 'redis_transport');
    if (!isJson(bindings) || !isJson(running) || !isJson(running['unacked'])) throw new Error();
    for (const entry of Object.values(bindings)) {
      for (const member of (entry as { value: string[] }).value) {
        expect(parseBinding(member)?.queue).toMatch(/celery/);
      }
    }
    for (const text of Object.values(running['unacked']['value'] as Record<string, string>)) {
      const unacked = ok(decodeUnacked(text));
      expect(unacked.routingKey).toBe('celery');
      expect(ok(decodeTaskMessage(unacked.message)).name).toMatch(/^demo\./);
    }
  });

  test('what kills a Python worker is named, and what it takes is not', () => {
    const capture = readVector(version, 'redis_malformed');
    const troublesOf = (name: string): string[] => {
      const [recorded] = recordedMessages(capture[name]);
      return recorded === undefined ? [] : validateTaskMessage(recorded.message);
    };
    for (const name of ['minimal', 'empty_embed', 'null_embed', 'js_eta', 'js_typed_argument']) {
      expect(troublesOf(name), name).toEqual([]);
    }
    for (const name of ['body_of_two_elements', 'header_task_without_id', 'invalid_json_body']) {
      expect(troublesOf(name), name).not.toEqual([]);
    }
    expect(troublesOf('invalid_eta')).not.toEqual([]);
  });

  test('pickled results are shown as far as they are data', () => {
    const shown: string[] = [];
    for (const blob of blobsOf(readVector(version, 'sqlite_result_backend'))) {
      const view = viewPickle(Buffer.from(blob, 'base64'));
      if (view.ok) shown.push(JSON.stringify(toPlain(view.value)));
    }
    expect(shown).toContain('5');
    expect(shown).toContain(
      '{"exc_type":"ValueError","exc_message":["boom"],"exc_module":"builtins"}',
    );
    expect(shown.some((text) => text.includes('object'))).toBe(true);
  });
});

function resultTexts(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('{"status"') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(resultTexts);
}

function blobsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isJson(value) && typeof value['blob_base64'] === 'string') return [value['blob_base64']];
  return Object.values(value).flatMap(blobsOf);
}
