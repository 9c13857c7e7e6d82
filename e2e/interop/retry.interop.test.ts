import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PythonWorker } from '../fixtures/celery/worker.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';
import type { RetryForm, RetryRequest } from '../../lib/contract/index.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { BROKERS, openCluster, type Cluster } from './support/cluster.ts';

/** Everything that Celery's JSON carries from Python to Python, and then some that is easily mistaken for something else. */
const values = `
import json, os, sys
from app import *
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID
path = os.environ["BLOCK"]
ARGS = (
    "grün 漢字 🚀 \\n\\t'\\"\\\\ <b>&amp;</b> \\u2028", "", "None", "1.0", "\\x00", "__proto__",
    {"a": [1, [2, {"b": None, "ключ": (3, 4)}]], "t": True, "f": False, "__proto__": {"x": 1}},
    1.0, -0.0, 1e300, 0.1, 1e-7, 100000000000000000000.0, float("nan"), float("inf"), -float("inf"),
    None, True, False, 0, -1, 2**53 + 1, 2**70, -(2**63), 10**40, [], {}, [[]],
    datetime(2026, 1, 2, 3, 4, 5, 678901), datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
    date(2026, 2, 28), time(1, 2, 3, 4), Decimal("1.10"), Decimal("-0"),
    UUID("12345678-1234-4234-9234-123456789abc"),
    *(() if IS_OLD else (b"\\x00\\xff'", b"")),
)
KWARGS = {"größe": 1.0, "__proto__": {"constructor": 1}, "inner": {"when": date(2026, 1, 1)}, "no": None}
`;

const sendHard = `${values}
options = json.loads(os.environ["OPTIONS"])
print(json.dumps(fail_when.apply_async((path, *ARGS), KWARGS, queue=queue("own"), **options).id))
`;

/** What the repeated task received, beside what it receives when Python itself sends these arguments. */
const compare = `${values}
def types(value):
    if isinstance(value, dict): return {key: types(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)): return [type(value).__name__, *map(types, value)]
    return type(value).__name__
again = app.AsyncResult(os.environ["AGAIN"]).get(timeout=30)
own = fail_when.apply_async((path, *ARGS), KWARGS, queue=queue("own")).get(timeout=30)
print(json.dumps({
    "again": [repr(item) for item in again["args"]] + [repr(again["kwargs"])],
    "own": [repr(item) for item in own["args"]] + [repr(own["kwargs"])],
    "again_types": [types(again["args"]), types(again["kwargs"])],
    "own_types": [types(own["args"]), types(own["kwargs"])],
    "queue": again["routing_key"], "priority": again["priority"],
}))
`;

type Compared = {
  again: string[];
  own: string[];
  again_types: unknown;
  own_types: unknown;
  queue: string;
  priority: number | null;
};

const sendCanvas = `
import json, os
from app import *
path = os.environ["BLOCK"]
here = {"queue": queue("own")}
linked = fail_when.apply_async(
    (path, 1), headers={"tenant": "ä", "deep": {"n": 1}},
    link=echo.s("linked").set(queue="own"), link_error=echo.si("sorry").set(queue="own"), **here)
chained = chain(fail_when.s(path, 2).set(**here), echo.s("next").set(queue="own")).apply_async()
members = chord(
    [fail_when.s(path, 3).set(**here), add.s(1, 1).set(**here)], echo.s("body").set(queue="own"))()
print(json.dumps({
    "linked": linked.id, "chained": chained.parent.id, "member": members.parent.children[0].id,
}))
`;

/** Takes the one message that waits in a queue. */
const takeMessage = `
import json
from app import *
with app.connection_for_read() as connection:
    message = connection.SimpleQueue(queue("parked")).get(timeout=20)
    message.ack()
    print(json.dumps({"headers": message.headers, "embed": message.payload[2]}))
`;

type Message = { headers: Record<string, unknown>; embed: Record<string, unknown> };

/** Exactly what the form says, as a person who only presses the button sends it. */
function asShown(
  form: RetryForm,
  more: Partial<RetryRequest> = {},
): Partial<RetryRequest> & { type: string } {
  const { type, args, kwargs, queue, exchange, routingKey, priority, headers } = form;
  return {
    type: type.text ?? '',
    args: args.text ?? '',
    kwargs: kwargs.text ?? '',
    queue: queue.text ?? '',
    exchange: exchange.text,
    routingKey: routingKey.text,
    priority: priority.text === null ? null : Number(priority.text),
    headers: headers.text,
    ...more,
  };
}

describe.each(BROKERS)('retrying over %s', (kind) => {
  const directory = makeTempDir('retry');
  const block = join(directory, 'block');
  let cluster: Cluster;
  let worker: PythonWorker | undefined;

  beforeAll(async () => {
    cluster = await openCluster(kind, { priorities: true });
  });

  afterAll(async () => {
    await cluster.close();
    removeTempDir(directory);
  });

  const env = (more: Record<string, string> = {}) => ({ env: { BLOCK: block, ...more } });
  /** One worker for the file, started when the first message was seen waiting. */
  const work = async () => {
    [worker] =
      worker === undefined ? await cluster.work({ pool: 'solo', queues: ['own'] }) : [worker];
  };

  /** Resolves when the messages were looked at where the broker can show them; where not, when they were announced. */
  const seen = async (ids: string[]) => {
    for (const id of ids) {
      await cluster.api.until(id, 'queued');
      if (kind === 'amqp') continue;
      await expect
        .poll(async () => (await cluster.api.task(id))?.argsText.source, { timeout: 15_000 })
        .toBe('message');
    }
  };

  test('a failed task runs again with equal arguments, in its own queue, with its priority', async () => {
    writeFileSync(block, '');
    const OPTIONS = JSON.stringify({ priority: 6 });
    const id = await cluster.python<string>(sendHard, env({ OPTIONS }));
    await seen([id]);
    if (kind === 'redis') expect((await cluster.api.task(id))?.priority).toBe(6);
    await work();
    await cluster.api.until(id, 'failure');
    rmSync(block);

    const form = await cluster.api.retryForm(id);
    expect(form.args).toMatchObject({ source: 'extended result', condition: 'exact' });
    expect(form.kwargs).toMatchObject({ source: 'extended result', condition: 'exact' });
    expect(form.queue).toMatchObject({ text: 'own', condition: 'exact' });
    const outcome = await cluster.api.retry(id, asShown(form));
    expect(outcome.id).not.toBe(id);

    await cluster.api.until(outcome.id, 'success');
    const got = await cluster.python<Compared>(compare, env({ AGAIN: outcome.id }));
    expect(got.again).toEqual(got.own);
    expect(got.again_types).toEqual(got.own_types);
    expect(got.queue).toBe('own');
    if (kind === 'redis') expect(got.priority).toBe(6);
    else expect(form.priority.source).not.toBe('waiting message');

    expect((await cluster.api.task(outcome.id))?.retryOfId).toBe(id);
    expect((await cluster.api.task(id))?.retriedAsIds).toEqual([outcome.id]);
    expect((await cluster.api.task(id))?.state).toBe('failure');
  });

  // Debian's worker stumbles over errbacks.
  test.skipIf(isOldCelery)(
    'links, headers and chain are kept where the message was seen; a chord is left out',
    async () => {
      await work();
      await worker?.stop();
      worker = undefined;
      writeFileSync(block, '');
      const sent = await cluster.python<Record<'linked' | 'chained' | 'member', string>>(
        sendCanvas,
        env(),
      );
      await seen(Object.values(sent));
      // RabbitMQ cannot show what waits: there the announcement is all that is known.
      const isSeen = kind === 'redis';
      await work();
      for (const id of Object.values(sent)) await cluster.api.until(id, 'failure');
      rmSync(block);

      const form = await cluster.api.retryForm(sent.linked);
      if (!isSeen) {
        for (const part of [form.headers, form.links, form.chain]) {
          expect(part).toMatchObject({ text: null, condition: 'unknown' });
          expect(part.hint).not.toBeNull();
        }
        return;
      }
      expect(JSON.parse(form.headers.text ?? 'null')).toEqual({ tenant: 'ä', deep: { n: 1 } });
      const parked = asShown(form, { queue: 'parked', exchange: null, routingKey: null });
      await cluster.api.retry(sent.linked, parked);
      const message = await cluster.python<Message>(takeMessage);
      expect(message.headers).toMatchObject({
        tenant: 'ä',
        deep: { n: 1 },
        task: 'tasks.fail_when',
      });
      expect(message.embed['callbacks']).toMatchObject([{ task: 'tasks.echo', args: ['linked'] }]);
      expect(message.embed['errbacks']).toMatchObject([{ task: 'tasks.echo', args: ['sorry'] }]);

      const runs = await cluster.api.retry(sent.linked, asShown(form));
      await cluster.api.until(runs.id, 'success');
      await expect
        .poll(async () => (await cluster.api.task(runs.id))?.childIds.length, { timeout: 15_000 })
        .toBe(1);

      const chained = await cluster.api.retryForm(sent.chained);
      expect(chained.chain).toMatchObject({ condition: 'exact' });
      expect(chained.chain.text).toContain('tasks.echo');
      const alone = await cluster.api.retry(sent.chained, asShown(chained));
      const whole = await cluster.api.retry(sent.chained, asShown(chained, { includeChain: true }));
      await cluster.api.until(alone.id, 'success');
      await cluster.api.until(whole.id, 'success');
      await expect
        .poll(async () => (await cluster.api.task(whole.id))?.childIds.length, { timeout: 15_000 })
        .toBe(1);
      expect((await cluster.api.task(alone.id))?.childIds).toEqual([]);

      const member = await cluster.api.retryForm(sent.member);
      expect(member.chord.member).toBe(true);
      expect(member.chord.note).toMatch(/without the chord/);
      await cluster.api.retry(
        sent.member,
        asShown(member, { queue: 'parked', exchange: null, routingKey: null }),
      );
      const unbound = await cluster.python<Message>(takeMessage);
      expect(unbound.embed['chord'] ?? null).toBeNull();
    },
    90_000,
  );

  test('arguments that were cut on their way are an empty field with what is known beside it', async () => {
    await cluster.work({ name: 'plain', queues: ['plain'], app: { resultExtended: false } });
    const id = await cluster.python<string>(
      `
import json
from app import *
print(json.dumps(fail_value_error.apply_async(("x" * 5000,), queue=queue("plain")).id))
`,
    );
    await cluster.api.until(id, 'failure');
    const form = await cluster.api.retryForm(id);
    expect(form.args).toMatchObject({ text: null, condition: 'cut', source: 'event' });
    expect(form.args.hint).toContain('xxx');
    expect(form.kwargs).toMatchObject({ text: '{}' });
    const empty = await cluster.api.post(`/tasks/${id}/retry`, { ...asShown(form), args: '' });
    expect(empty.status).toBe(400);
  });

  test('what Python cannot read is refused, and nothing is sent', async () => {
    await work();
    const OPTIONS = '{}';
    const id = await cluster.python<string>(sendHard, env({ OPTIONS }));
    await cluster.api.until(id, 'success');
    const form = asShown(await cluster.api.retryForm(id));
    for (const args of ['(', '__import__("os")', '{}', '1', "('unclosed,)"]) {
      const { status } = await cluster.api.post(`/tasks/${id}/retry`, { ...form, args });
      expect([args, status]).toEqual([args, 400]);
    }
    expect((await cluster.api.task(id))?.retriedAsIds).toEqual([]);
    expect((await cluster.api.post('/tasks/no-such-task/retry', form)).status).toBe(404);
  });
});
