import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonValue, keyword } from '../../lib/python/testing/arbitrary.contract.ts';
import { PyFloat, PyOpaque, PyTuple, type PyValue } from '../../lib/python/values.ts';
import { decodeEnvelope, decodeUnacked, encodeEnvelope, encodeUnacked } from './envelope.ts';
import { decodeTaskMessage, encodeTaskMessage, validateTaskMessage } from './message.ts';
import type { WireMessage } from './message.ts';
import { createSignature, withExtraArguments } from './signature.ts';

const args = fc.array(jsonValue, { maxLength: 4 });
const at = fc.integer({ min: 0, max: 4e12 });

describe('task messages', () => {
  test('what was encoded decodes to the same, through an envelope too', () => {
    fc.assert(
      fc.property(
        args,
        keyword,
        fc.option(at),
        fc.constantFrom(null, 'gzip', 'brotli'),
        fc.integer({ min: 0, max: 9 }),
        (positional, kwargs, etaAt, compression, priority) => {
          const link = createSignature('t.next', { args: positional, options: { queue: 'q' } });
          const message = encodeTaskMessage(
            { name: 't.add', args: positional, kwargs, etaAt, priority, embed: { chain: [link] } },
            { compression },
          );
          expect(validateTaskMessage(message)).toEqual([]);
          const text = encodeEnvelope(message, { exchange: '', routingKey: 'celery' });
          for (const input of [text, Buffer.from(text)]) {
            const received = decodeEnvelope(input);
            if (!received.ok) throw new Error(received.message);
            expect(received.value.body.equals(message.body)).toBe(true);
            const task = decodeTaskMessage(received.value);
            expect(task).toMatchObject({
              ok: true,
              value: { name: 't.add', etaAt, priority, routingKey: 'celery', bodyIssue: null },
            });
            if (!task.ok) continue;
            expect(task.value.args).toEqual(positional);
            expect(task.value.kwargs).toEqual(kwargs);
            expect(task.value.embed?.chain).toEqual([link]);
            expect(task.value.rootId).toBe(task.value.id);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each(['yaml', 'msgpack'])('%s bodies are written and read', (serializer) => {
    const draft = { name: 't', args: [1, new PyFloat(1), 'ü🌱', null], kwargs: { a: [true] } };
    const task = decodeTaskMessage(encodeTaskMessage(draft, { serializer }));
    expect(task).toMatchObject({ ok: true, value: { args: draft.args, kwargs: draft.kwargs } });
  });

  test('an expiry beyond what RabbitMQ takes is told by the header alone', () => {
    const expiresAt = 60 * 86_400_000;
    const message = encodeTaskMessage({ name: 't', sentAt: 0, expiresAt });
    expect(message.properties.expiration).toBeUndefined();
    expect(decodeTaskMessage(message)).toMatchObject({ ok: true, value: { expiresAt } });
  });

  test('custom headers, stamps and limits are kept; Celery wins over a header of its own name', () => {
    const message = encodeTaskMessage({
      name: 't',
      id: 'an-id',
      customHeaders: { 'x-tenant': 'acme', id: 'another' },
      stampedHeaders: ['team'],
      stamps: { team: 'a' },
      timeLimit: [30, 20],
      replyTo: 'r',
      expiresAt: 5000,
      sentAt: 2000,
    });
    expect(message.properties.expiration).toBe('3000');
    expect(decodeTaskMessage(message)).toMatchObject({
      ok: true,
      value: {
        id: 'an-id',
        customHeaders: { 'x-tenant': 'acme' },
        stamps: { team: 'a' },
        stampedHeaders: ['team'],
        timeLimit: [30, 20],
        expiresAt: 5000,
        correlationId: 'an-id',
      },
    });
  });

  test('arguments are repeated as Python text', () => {
    const { headers } = encodeTaskMessage({ name: 't', args: ['a'], kwargs: { k: null } });
    expect(headers).toMatchObject({ argsrepr: "('a',)", kwargsrepr: "{'k': None}" });
  });

  test('an opaque argument is never sent', () => {
    expect(() => encodeTaskMessage({ name: 't', args: [new PyOpaque('x', 1)] })).toThrow(
      expect.objectContaining({ code: 'bad_request' }),
    );
  });

  test('a pickled body is shown, never executed, and never called safe', () => {
    const body = Buffer.from('\x80\x02cos\nsystem\n\x85}N\x87.', 'latin1');
    const message: WireMessage = {
      headers: { task: 't', id: 'i' },
      properties: {},
      contentType: 'application/x-python-serialize',
      contentEncoding: 'binary',
      body,
    };
    expect(decodeTaskMessage(message)).toMatchObject({
      ok: true,
      value: { args: [{ description: 'os.system' }], bodyIssue: expect.stringContaining('pickle') },
    });
    expect(validateTaskMessage(message)).toHaveLength(1);
  });

  test('who wrote a body himself is told of it without its being read', () => {
    const message = encodeTaskMessage({ name: 't', id: 'i', args: [1] });
    expect(validateTaskMessage(message, { args: [1], kwargs: {} })).toEqual([]);
    expect(validateTaskMessage(message, { args: 'one', kwargs: [] })).toHaveLength(2);
    expect(validateTaskMessage({ ...message, headers: {} }, { args: [], kwargs: {} })).toHaveLength(
      2,
    );
  });

  test('a body that inflates too far leaves the headers readable', () => {
    const message = encodeTaskMessage(
      { name: 't', args: ['a'.repeat(10_000)] },
      { compression: 'gzip' },
    );
    expect(decodeTaskMessage(message, { maxOutputBytes: 1000 })).toMatchObject({
      ok: true,
      value: { name: 't', args: null, bodyIssue: expect.stringContaining('more than 1000') },
    });
  });

  test('any headers and any body are a value or an error value', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true });
    const types = fc.constantFrom(
      'application/json',
      'application/x-yaml',
      'application/x-msgpack',
      'application/x-python-serialize',
      'text/plain',
      '',
    );
    fc.assert(
      fc.property(
        fc.record({
          task: anything,
          id: anything,
          eta: anything,
          timelimit: anything,
          stamps: anything,
        }),
        types,
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (headers, contentType, body) => {
          for (const own of [headers, { ...headers, task: 't', id: 'i' }, {}]) {
            const message = {
              headers: own,
              properties: {},
              contentType,
              contentEncoding: 'utf-8',
              body: Buffer.from(body),
            };
            expect(typeof decodeTaskMessage(message).ok).toBe('boolean');
            expect(Array.isArray(validateTaskMessage(message))).toBe(true);
          }
        },
      ),
    );
  });
});

describe('envelopes', () => {
  test('unacked messages keep exchange and routing key', () => {
    const message = encodeTaskMessage({ name: 't' });
    const envelope = encodeEnvelope(message, {
      exchange: 'x',
      routingKey: 'é"',
      deliveryTag: 'tag',
    });
    const unacked = decodeUnacked(encodeUnacked(envelope, 'x', 'é"'));
    expect(unacked).toMatchObject({ ok: true, value: { exchange: 'x', routingKey: 'é"' } });
    expect(unacked.ok && unacked.value.message.properties.deliveryTag).toBe('tag');
  });

  test('a long body that looks like a number is no trap, and header numbers keep their kind', () => {
    const message: WireMessage = {
      headers: { ratio: new PyFloat(2), big: 2n ** 70n, body: 'NaN' },
      properties: {},
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
      body: Buffer.from('x'.repeat(500)),
    };
    const read = decodeEnvelope(encodeEnvelope(message, { exchange: '', routingKey: 'q' }));
    expect(read.ok && read.value.headers).toEqual(message.headers);
    expect(read.ok && read.value.body.equals(message.body)).toBe(true);
  });

  test.each<[string, string]>([
    ['garbage', 'not_json'],
    ['[]', 'not_an_envelope'],
    ['{}', 'not_an_envelope'],
    ['{"body": "a", "headers": 5}', 'not_an_envelope'],
    ['{"body": "a", "properties": []}', 'not_an_envelope'],
    ['{"body": "!!", "properties": {"body_encoding": "base64"}}', 'not_base64'],
  ])('refuses %s', (text, code) => {
    expect(decodeEnvelope(text)).toMatchObject({ ok: false, code });
  });

  test('a body that is not base64 is the text itself', () => {
    const read = decodeEnvelope('{"body": "[1]", "properties": {"body_encoding": null}}');
    expect(read.ok && read.value.body.toString()).toBe('[1]');
  });

  test('any text is a value or an error value', () => {
    fc.assert(fc.property(fc.json(), (text) => typeof decodeEnvelope(text).ok === 'boolean'));
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (bytes) => typeof decodeEnvelope(Buffer.from(bytes)).ok === 'boolean',
      ),
    );
    fc.assert(fc.property(fc.json(), (text) => typeof decodeUnacked(text).ok === 'boolean'));
  });
});

test('extra arguments come first, and an immutable signature ignores them', () => {
  const own: PyValue[] = [2];
  const signature = createSignature('t', { args: own, kwargs: { a: 1, b: 1 } });
  expect(withExtraArguments(signature, [1], { b: 2 })).toMatchObject({
    args: [1, 2],
    kwargs: { a: 1, b: 2 },
  });
  const immutable = { ...signature, immutable: true };
  expect(withExtraArguments(immutable, [new PyTuple([])])).toEqual(immutable);
});
