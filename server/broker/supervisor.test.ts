import { afterEach, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { ConnectionState } from './connection-state.ts';
import { Supervisor } from './supervisor.ts';

type Connection = { isOpen: boolean; lost: (reason: string) => void };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A place that can be reached or not, and how many connections to it are open. */
function open(place: { isThere: boolean }) {
  const connections: Connection[] = [];
  const state = new ConnectionState();
  const supervisor = new Supervisor<Connection>({
    state,
    open: async (lost) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (!place.isThere) throw new AppError('broker_unreachable', 'nobody is there');
      const connection = { isOpen: true, lost };
      connections.push(connection);
      return connection;
    },
    discard: (connection) => {
      connection.isOpen = false;
    },
  });
  stops.push(() => supervisor.stop());
  return { supervisor, state, opened: connections };
}

it('opens one connection, however often it is started', async () => {
  const place = { isThere: false };
  const { supervisor, opened } = open(place);
  const refused = { code: 'broker_unreachable' };
  const first = [supervisor.start(), supervisor.start()];
  for (const one of first) await expect(one).rejects.toMatchObject(refused);
  await expect(supervisor.start()).rejects.toMatchObject(refused);
  place.isThere = true;
  await Promise.all([supervisor.start(), supervisor.start()]);
  await supervisor.start();
  expect(opened).toHaveLength(1);
  await supervisor.stop();
  expect(opened.map(({ isOpen }) => isOpen)).toEqual([false]);
});

it('comes back by itself after a loss, and at once when it is started', async () => {
  const place = { isThere: true };
  const { supervisor, state, opened } = open(place);
  await supervisor.start();
  opened[0]?.lost('cut off');
  expect(() => supervisor.get()).toThrow('cut off');
  await supervisor.start();
  expect(supervisor.get()).toBe(opened[1]);
  opened[1]?.lost('again');
  await expect.poll(() => state.status.state, { timeout: 10_000 }).toBe('connected');
  expect(opened.map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
});
