import { afterEach, describe, expect, it } from 'vitest';
import type { WorkerCommand } from '../../lib/contract/index.ts';
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

const ok = () => ({ ok: 'done' });

describe('revoke', () => {
  it('tells every worker and lists the silent one', async () => {
    const { control, serve, worker, annotations, inspected, dashboard } = await open();
    worker('a@h');
    worker('b@h');
    worker('gone@h', { state: 'offline' });
    const requests = await serve('a@h', () => ({ ok: 'tasks x flagged as revoked' }));
    const outcome = await control.revoke(ada, { ids: ['x'], terminate: false, signal: 'SIGTERM' });
    expect(outcome.acks).toEqual([
      { hostname: 'a@h', outcome: 'ok', text: 'tasks x flagged as revoked' },
      { hostname: 'b@h', outcome: 'timeout', text: 'did not answer in time' },
    ]);
    expect(requests[0]).toMatchObject({
      method: 'revoke',
      arguments: { task_id: ['x'], terminate: false },
    });
    expect(annotations).toMatchObject([{ type: 'revoke-sent', ids: ['x'], actor: 'ada' }]);
    expect(inspected).toEqual([{ hostnames: ['a@h'], methods: ['revoked'] }]);
    expect(dashboard.listAudit({ limit: 5 })).toMatchObject([
      { actor: 'ada', action: 'revoke', target: 'x', outcome: 'partial' },
    ]);
  });

  it('warns when nobody heard it', async () => {
    const { control } = await open();
    const outcome = await control.revoke(ada, { ids: ['x'], terminate: false, signal: 'SIGTERM' });
    expect(outcome).toMatchObject({
      acks: [],
      warnings: [expect.stringContaining('No worker answered')],
    });
  });

  it('says beforehand what a pool of threads cannot do', async () => {
    const { control, serve, worker, task } = await open();
    worker('t@h', { pool: 'threads' });
    task({ id: 'x', state: 'started', worker: 't@h' });
    await serve('t@h', ok);
    const outcome = await control.revoke(ada, { ids: ['x'], terminate: true, signal: 'SIGKILL' });
    expect(outcome.warnings).toEqual([expect.stringContaining('t@h runs the threads pool')]);
  });
});

describe('commands', () => {
  it.each<[WorkerCommand, string, Record<string, unknown>, string[] | null]>([
    [{ command: 'pool_grow', n: 2 }, 'pool_grow', { n: 2 }, ['stats']],
    [{ command: 'pool_shrink', n: 1 }, 'pool_shrink', { n: 1 }, ['stats']],
    [{ command: 'pool_restart' }, 'pool_restart', {}, ['stats', 'registered', 'conf']],
    [{ command: 'autoscale', min: 1, max: 4 }, 'autoscale', { min: 1, max: 4 }, ['stats']],
    [
      { command: 'add_consumer', queue: 'a&b' },
      'add_consumer',
      { queue: 'a&b' },
      ['active_queues'],
    ],
    [
      { command: 'cancel_consumer', queue: 'q' },
      'cancel_consumer',
      { queue: 'q' },
      ['active_queues'],
    ],
    [
      { command: 'rate_limit', type: 't', rateLimit: '10/m' },
      'rate_limit',
      { task_name: 't', rate_limit: '10/m' },
      ['registered'],
    ],
    [
      { command: 'time_limit', type: 't', softMs: 1500, hardMs: null },
      'time_limit',
      { task_name: 't', soft: 1.5, hard: null },
      ['registered', 'stats'],
    ],
    [{ command: 'enable_events' }, 'enable_events', {}, null],
    [{ command: 'disable_events' }, 'disable_events', {}, null],
  ])('%j', async (command, method, parameters, changes) => {
    const { control, serve, worker, inspected } = await open();
    worker('a@h');
    const requests = await serve('a@h', ok);
    const outcome = await control.command(ada, { workers: ['a@h'], command });
    expect(outcome.acks).toEqual([{ hostname: 'a@h', outcome: 'ok', text: 'done' }]);
    expect(requests).toMatchObject([{ method, arguments: parameters, destination: ['a@h'] }]);
    const inspect = changes === null ? [] : [{ hostnames: ['a@h'], methods: changes }];
    expect(inspected).toEqual(inspect);
  });

  it("hands on the worker's own words of refusal", async () => {
    const { control, serve, worker } = await open();
    worker('a@h');
    await serve('a@h', () => ({ error: "ValueError('Autoscale not enabled')" }));
    const { acks } = await control.command(ada, {
      workers: ['a@h'],
      command: { command: 'autoscale', min: 1, max: 2 },
    });
    expect(acks).toEqual([
      { hostname: 'a@h', outcome: 'error', text: "ValueError('Autoscale not enabled')" },
    ]);
  });

  it('sends nothing to a worker that was never seen', async () => {
    const { control, serve } = await open();
    const requests = await serve('a@h', ok);
    const request = { workers: ['a@h'], command: { command: 'pool_restart' } as const };
    await expect(control.command(ada, request)).rejects.toMatchObject({ code: 'not_found' });
    expect(requests).toEqual([]);
  });

  it('takes going offline for the answer to shutdown', async () => {
    const { control, serve, worker } = await open({ shutdownTimeoutMs: 60_000 });
    worker('a@h');
    await serve('a@h', () => {
      worker('a@h', { state: 'offline' });
      return null;
    });
    const request = { workers: ['a@h'], command: { command: 'shutdown' } as const };
    const { acks } = await control.command(ada, request);
    expect(acks).toEqual([{ hostname: 'a@h', outcome: 'offline', text: 'went offline' }]);
  });

  it('does not claim that a worker stopped which is still finishing', async () => {
    const { control, serve, worker } = await open();
    worker('a@h');
    await serve('a@h', () => null);
    const request = { workers: ['a@h'], command: { command: 'shutdown' } as const };
    const { acks } = await control.command(ada, request);
    expect(acks).toMatchObject([{ outcome: 'timeout' }]);
  });
});

describe('the audit log', () => {
  it('that cannot be written hides neither what was done nor what went wrong', async () => {
    const full = () => {
      throw new Error('database or disk is full');
    };
    const dashboard = { appendAudit: full, listAudit: () => [], close: () => undefined };
    const { control, serve, worker } = await open({ dashboard });
    worker('a@h');
    await serve('a@h', ok);
    const command = { command: 'pool_restart' } as const;
    expect(await control.command(ada, { workers: ['a@h'], command })).toMatchObject({
      acks: [{ hostname: 'a@h', outcome: 'ok' }],
    });
    await expect(control.command(ada, { workers: ['b@h'], command })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('read-only', () => {
  it('refuses and records every mutation', async () => {
    const { control, serve, worker, dashboard } = await open({ readOnly: true });
    worker('a@h');
    const requests = await serve('a@h', ok);
    const refused = { code: 'read_only' };
    await expect(
      control.command(ada, { workers: ['a@h'], command: { command: 'pool_restart' } }),
    ).rejects.toMatchObject(refused);
    await expect(
      control.revoke(ada, { ids: ['x'], terminate: false, signal: 'SIGTERM' }),
    ).rejects.toMatchObject(refused);
    await expect(control.forgetWorker(ada, 'a@h')).rejects.toMatchObject(refused);
    expect(requests).toEqual([]);
    expect(dashboard.listAudit({ limit: 9 }).map((entry) => entry.outcome)).toEqual([
      'refused',
      'refused',
      'refused',
    ]);
  });
});

describe('peekQueue', () => {
  it('shows waiting messages, secrets masked', async () => {
    const { control, transport } = await open({ redactKeys: ['password'] });
    const { encodeTaskMessage } = await import('../celery/message.ts');
    await transport.publish(
      encodeTaskMessage({ id: 'm1', name: 't.x', args: [1], kwargs: { password: 'geheim', n: 2 } }),
      { exchange: '', routingKey: 'q' },
    );
    const peek = await control.peekQueue('q', { from: 'next', limit: 10 });
    expect(peek).toMatchObject({
      supported: true,
      messages: [{ id: 'm1', type: 't.x', issue: null, kwargs: "{'password': '***', 'n': 2}" }],
    });
    expect(JSON.stringify(peek)).not.toContain('geheim');
  });
});

describe('readResult', () => {
  it('tells found from absent from unavailable', async () => {
    const { control, backend, annotations } = await open();
    expect(await control.readResult('x')).toMatchObject({ type: 'absent' });
    const { decodeResultMeta } = await import('../celery/result-meta.ts');
    const meta = decodeResultMeta(
      JSON.stringify({
        status: 'SUCCESS',
        result: { n: 1.5 },
        traceback: null,
        children: [],
        date_done: '2026-05-01T12:00:00+00:00',
        task_id: 'x',
        name: 't',
        args: [1, 'ü'],
        kwargs: {},
        worker: 'a@h',
        retries: 0,
        queue: 'q',
      }),
    );
    if (!meta.ok) throw new Error(meta.message);
    await backend.store(meta.value);
    expect(await control.readResult('x')).toMatchObject({
      type: 'found',
      status: 'SUCCESS',
      extended: true,
      resultText: "{'n': 1.5}",
      argsText: "(1, 'ü')",
    });
    expect(annotations).toMatchObject([{ type: 'result-read', id: 'x', status: 'SUCCESS' }]);
    const large = decodeResultMeta(
      '{"status": "SUCCESS", "result": {"id": 1180591620717411303424, "loss": [NaN, 1.0, null]}, "task_id": "y"}',
    );
    if (!large.ok) throw new Error(large.message);
    await backend.store(large.value);
    const reading = await control.readResult('y');
    expect(JSON.parse(JSON.stringify(reading))).toMatchObject({
      value: { id: '1180591620717411303424', loss: ['nan', 1, null] },
      resultText: "{'id': 1180591620717411303424, 'loss': [nan, 1.0, None]}",
    });
    await room?.close();
    const { control: without } = await open({ backend: null });
    expect(await without.readResult('x')).toMatchObject({ type: 'unavailable' });
  });
});
