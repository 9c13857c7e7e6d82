import { afterEach, describe, expect, it } from 'vitest';
import { decodeTaskMessage } from '../celery/message.ts';
import { NOW, openControlRoom, type ControlRoom } from './testing/control-room.contract.ts';
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

/** The newest message in `queue`. */
async function sent(from: ControlRoom, queue: string) {
  const peek = await from.transport.peek(queue, { from: 'newest', limit: 1 });
  const message = peek.messages[0]?.message ?? null;
  const task = message === null ? null : decodeTaskMessage(message);
  if (task?.ok !== true) throw new Error(`no message in ${queue}`);
  return task.value;
}

describe('a task sent by its name', () => {
  it('carries what the body says', async () => {
    const opened = await open();
    const body = {
      ...{ args: [1, 'ü', null], kwargs: { x: { y: [true] } }, headers: { tenant: 'a' } },
      ...{ queue: 'q', priority: 4, countdown: 60, expires: 120, task_id: 'mine', time_limit: 9 },
    };
    expect(await opened.control.sendTask(ada, 't.x', JSON.stringify(body))).toEqual({
      id: 'mine',
      notes: [],
    });
    expect(await sent(opened, 'q')).toMatchObject({
      ...{ id: 'mine', name: 't.x', args: body.args, kwargs: body.kwargs, priority: 4 },
      ...{ etaAt: NOW + 60_000, expiresAt: NOW + 120_000, customHeaders: { tenant: 'a' } },
      timeLimit: [9, null],
    });
    expect(opened.dashboard.listAudit({ limit: 1 })).toMatchObject([
      { action: 'send task', target: 't.x', outcome: 'ok' },
    ]);
  });

  it('reads moments as Flower writes them', async () => {
    const opened = await open();
    const body = '{"eta": "2026-05-01 13:00:00.000000", "expires": "2026-05-01 14:00:00.500000"}';
    await opened.control.sendTask(ada, 't.x', body);
    expect(await sent(opened, 'celery')).toMatchObject({
      ...{ etaAt: NOW + 3_600_000, expiresAt: NOW + 7_200_500 },
    });
  });

  it('goes where its type was seen last, else to celery', async () => {
    const opened = await open();
    opened.task({ id: 'a', type: 't.x', queue: 'seen' });
    await opened.control.sendTask(ada, 't.x', '');
    expect(await sent(opened, 'seen')).toMatchObject({ name: 't.x', args: [] });
    await opened.control.sendTask(ada, 't.other', '{}');
    expect(await sent(opened, 'celery')).toMatchObject({ name: 't.other' });
  });

  it.each([
    ['[', 'not JSON'],
    ['[]', 'must be an object'],
    ['{"args": 1}', 'args must be an array'],
    ['{"kwargs": []}', 'kwargs must be an object'],
    ['{"priority": "high"}', 'priority'],
    ['{"eta": "soon"}', 'eta'],
    ['{"retry_policy": {}}', 'retry_policy'],
  ])('%s is refused', async (body, says) => {
    const opened = await open();
    await expect(opened.control.sendTask(ada, 't.x', body)).rejects.toMatchObject({
      ...{ code: 'bad_request', message: expect.stringContaining(says) },
    });
  });

  it('is refused where nothing may be changed', async () => {
    const opened = await open({ readOnly: true });
    await expect(opened.control.sendTask(ada, 't.x', '{}')).rejects.toMatchObject({
      code: 'read_only',
    });
  });
});

describe('an abort', () => {
  it('is the state ABORTED in the result backend', async () => {
    const opened = await open();
    await opened.control.abort(ada, 'a');
    expect(await opened.backend.get('a')).toMatchObject({ taskId: 'a', status: 'ABORTED' });
  });

  it('needs a result backend', async () => {
    const opened = await open({ backend: null });
    await expect(opened.control.abort(ada, 'a')).rejects.toMatchObject({
      code: 'backend_unreachable',
    });
  });
});
