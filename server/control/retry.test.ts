import { afterEach, describe, expect, it } from 'vitest';
import type { RetryRequest } from '../../lib/contract/index.ts';
import type { EventPayload } from '../broker/transport.ts';
import { decodeEvents } from '../celery/event.ts';
import { decodeTaskMessage, encodeTaskMessage, type TaskMessageDraft } from '../celery/message.ts';
import { createSignature } from '../celery/signature.ts';
import { decodeResultMeta } from '../celery/result-meta.ts';
import { PyDatetime, PyFloat } from '../../lib/python/values.ts';
import { openControlRoom, type ControlRoom } from './testing/control-room.contract.ts';
import type { ControlDeps } from './deps.ts';

const ada = { name: 'ada', address: null };
let room: ControlRoom | undefined;

async function open(changes?: Partial<ControlDeps>): Promise<ControlRoom> {
  room = await openControlRoom(changes);
  return room;
}
afterEach(async () => {
  await room?.close();
  room = undefined;
});

const publish = (to: ControlRoom, draft: TaskMessageDraft, queue = 'q') =>
  to.transport.publish(encodeTaskMessage(draft), { exchange: '', routingKey: queue });

const request = (changes: Partial<RetryRequest> = {}): RetryRequest => ({
  type: 't.x',
  args: '()',
  kwargs: '{}',
  queue: 'q',
  exchange: null,
  routingKey: null,
  priority: null,
  headers: null,
  includeLinks: true,
  includeChain: false,
  filled: [],
  ...changes,
});

/** The message that waits in `queue` with the given id. */
async function sent(from: ControlRoom, queue: string, id: string) {
  const peek = await from.transport.peek(queue, { from: 'newest', limit: 50 });
  for (const { message } of peek.messages) {
    const task = message === null ? null : decodeTaskMessage(message);
    if (task?.ok === true && task.value.id === id) return task.value;
  }
  throw new Error(`no message ${id} in ${queue}`);
}

async function storeResult(to: ControlRoom, fields: Record<string, unknown>): Promise<void> {
  const base = { status: 'FAILURE', result: null, traceback: null, children: [], date_done: null };
  const meta = decodeResultMeta(JSON.stringify({ ...base, ...fields }));
  if (!meta.ok) throw new Error(meta.message);
  await to.backend.store(meta.value);
}

describe('the form', () => {
  it('takes everything from a message that waits', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', queue: 'q', args: '(1, ...)' });
    await publish(opened, {
      id: 'a',
      name: 't.x',
      args: [new PyFloat(1), 'ü', null, true, { deep: [2 ** 53 - 1] }],
      kwargs: { when: new PyDatetime('2026-05-01T12:00:00+00:00') },
      priority: 6,
      customHeaders: { 'x-tenant': 'acme' },
      timeLimit: [60, 30],
      embed: {
        callbacks: [createSignature('t.done')],
        chain: [createSignature('t.last'), createSignature('t.next')],
      },
    });
    const form = await opened.control.retryForm('a');
    const source = 'waiting message';
    expect(form).toMatchObject({
      type: { text: 't.x', source },
      queue: { text: 'q', source },
      priority: { text: '6', source, condition: 'exact' },
      headers: { text: '{"x-tenant": "acme"}', source },
      timeLimit: { text: '[60,30]', source },
      chord: { member: false, note: null },
      serializer: 'json',
    });
    expect(form.args.text).toBe("(1.0, 'ü', None, True, {'deep': [9007199254740991]})");
    expect(form.kwargs.text).toContain('datetime.datetime(2026, 5, 1, 12, 0');
    expect(form.links.text).toContain('t.done');
    expect(form.chain.text).toContain('t.next');
  });

  it('takes what an extended result kept when the message is gone', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', state: 'failure', args: "('x...',)", kwargs: '{}' });
    await storeResult(opened, {
      task_id: 'a',
      name: 't.x',
      args: ['the whole text', 1.5],
      kwargs: { n: null },
      worker: 'w@h',
      retries: 0,
      queue: 'emails',
    });
    const form = await opened.control.retryForm('a');
    expect(form).toMatchObject({
      args: { text: "('the whole text', 1.5)", source: 'extended result', condition: 'exact' },
      kwargs: { text: "{'n': None}", source: 'extended result' },
      queue: { text: 'emails', source: 'extended result' },
      priority: { text: null, condition: 'unknown' },
      headers: { text: null, condition: 'unknown' },
    });
  });

  it.each([
    ["('whole', 1)", 'parsed', "('whole', 1)"],
    ["('cut by the worker...', ...)", 'cut', null],
    [String.raw`('C:\new',)`, 'unknown', null],
    ['(<object at 0x7f>,)', 'unknown', null],
    ["{'not': 'a tuple'}", 'unknown', null],
    [null, 'unknown', null],
  ])('of the event text %s: %s', async (text, condition, field) => {
    const opened = await open({ backend: null });
    opened.task({
      id: 'a',
      type: 't.x',
      state: 'failure',
      args: text,
      kwargs: '{}',
      argsSource: 'event',
    });
    const form = await opened.control.retryForm('a');
    expect(form.args).toMatchObject({ condition, text: field });
    if (field === null && text !== null) expect(form.args.hint).toContain(text);
  });

  it('does not show what is redacted', async () => {
    const opened = await open({ redactKeys: ['password'] });
    await publish(opened, { id: 'a', name: 't.x', kwargs: { login: { Password: 'geheim' } } });
    opened.task({ id: 'a', type: 't.x', queue: 'q', kwargs: "{'login': {'Password': '***'}}" });
    const form = await opened.control.retryForm('a');
    expect(form.kwargs).toMatchObject({ text: null, condition: 'redacted' });
    expect(JSON.stringify(form)).not.toContain('geheim');
  });

  it('does not show what is redacted inside a string', async () => {
    const opened = await open({ redactKeys: ['password'] });
    const note = JSON.stringify({ password: 'geheim', why: "it's" });
    await publish(opened, { id: 'a', name: 't.x', args: [note], kwargs: { note } });
    opened.task({ id: 'a', type: 't.x', queue: 'q' });
    const form = await opened.control.retryForm('a');
    expect([form.args, form.kwargs].map((part) => part.condition)).toEqual(
      Array(2).fill('redacted'),
    );
    expect(JSON.stringify(form)).not.toContain('geheim');
  });

  it('does not show what is redacted in headers and links of the message', async () => {
    const opened = await open({ redactKeys: ['password'] });
    const step = createSignature('t.next', { kwargs: { password: 'geheim' } });
    opened.task({ id: 'a', type: 't.x', queue: 'q' });
    await publish(opened, {
      ...{ id: 'a', name: 't.x', customHeaders: { password: 'geheim', tenant: 'x' } },
      embed: { chain: [step], callbacks: [step] },
    });
    const form = await opened.control.retryForm('a');
    expect([form.headers, form.chain, form.links].map((part) => part.condition)).toEqual(
      Array(3).fill('redacted'),
    );
    expect(form.headers.hint).toContain('tenant');
    expect(JSON.stringify(form)).not.toContain('geheim');
  });

  it('names the chord that the task will not belong to', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', queue: 'q' });
    await publish(opened, { id: 'a', name: 't.x', embed: { chord: createSignature('t.body') } });
    const form = await opened.control.retryForm('a');
    expect(form.chord.member).toBe(true);
    expect(form.chord.note).toContain('without the chord');
  });

  it('refuses an id that no source knows', async () => {
    const { control } = await open();
    await expect(control.retryForm('nobody')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('sending', () => {
  it('publishes a new task with equal values, linked with the original', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', state: 'failure', queue: 'q' });
    const args = "(1.0, 2, 'ü\\n', None, True, [9007199254740993], b'\\xff')";
    const kwargs = "{'at': datetime.datetime(2026, 5, 1, 12, 0, tzinfo=datetime.timezone.utc)}";
    const outcome = await opened.control.retry(
      ada,
      'a',
      request({ args, kwargs, priority: 4, headers: '{"x": 1}' }),
    );
    expect(outcome).toMatchObject({ originalId: 'a', queue: 'q' });
    expect(outcome.id).not.toBe('a');
    const task = await sent(opened, 'q', outcome.id);
    expect(task).toMatchObject({
      name: 't.x',
      rootId: outcome.id,
      priority: 4,
      customHeaders: { x: 1 },
    });
    expect(task.args?.slice(0, 2)).toEqual([new PyFloat(1), 2]);
    expect(task.args?.[5]).toEqual([9007199254740993n]);
    expect(task.kwargs).toEqual({ at: new PyDatetime('2026-05-01T12:00:00+00:00') });
    expect(opened.annotations).toMatchObject([
      { type: 'retried', originalId: 'a', newId: outcome.id, actor: 'ada' },
    ]);
    expect(opened.dashboard.listAudit({ limit: 1 })).toMatchObject([
      { action: 'retry', outcome: 'ok' },
    ]);
  });

  it('tells other monitors as any client does', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', state: 'failure' });
    const heard = new Promise<EventPayload>((resolve, reject) => {
      void opened.transport.subscribeEvents({
        onEvents: (payload) => {
          resolve({ ...payload, body: Buffer.from(payload.body) });
        },
        onGap: reject,
        onMalformed: reject,
      });
    });
    const outcome = await opened.control.retry(ada, 'a', request({ args: "('x',)" }));
    const { body, contentType, routingKey } = await heard;
    expect(routingKey).toBe('task.sent');
    const events = decodeEvents(body, contentType);
    expect(events).toMatchObject({
      ok: true,
      value: {
        events: [{ type: 'task-sent', uuid: outcome.id, name: 't.x', args: "('x',)", queue: 'q' }],
      },
    });
  });

  it('keeps links, and the chain only when asked', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', queue: 'q' });
    const chain = [createSignature('t.last'), createSignature('t.next')];
    await publish(opened, {
      id: 'a',
      name: 't.x',
      embed: { callbacks: [createSignature('t.done')], chain, chord: createSignature('t.body') },
    });
    const without = await opened.control.retry(ada, 'a', request({ queue: 'r' }));
    const first = await sent(opened, 'r', without.id);
    expect(first.embed).toMatchObject({ callbacks: [{ task: 't.done' }], chord: null });
    expect(first.embed?.chain ?? []).toEqual([]);
    expect(without.notes).toEqual([expect.stringContaining('without the chord')]);
    const whole = await opened.control.retry(ada, 'a', request({ queue: 'r', includeChain: true }));
    const second = await sent(opened, 'r', whole.id);
    expect(second.embed?.chain).toMatchObject([{ task: 't.last' }, { task: 't.next' }]);
  });

  it.each([
    ['args', { args: '{}' }],
    ['args', { args: '(1, 2' }],
    ['args', { args: '(set([1]),)' }],
    ['kwargs', { kwargs: '[1]' }],
    ['kwargs', { kwargs: "__import__('os').system('true')" }],
    ['headers', { headers: '[1]' }],
  ])('refuses %s that are not values: %j', async (field, changes) => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', state: 'failure', queue: 'q' });
    await expect(opened.control.retry(ada, 'a', request(changes))).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(field) as string,
    });
    const peek = await opened.transport.peek('q', { from: 'newest', limit: 5 });
    expect(peek.messages).toEqual([]);
  });
});
