/*
 * Four projects, told apart by the name of the test file:
 *
 *   unit     *.test.ts(x) in lib, server, components, app: no server, no Python
 *   redis    *.redis.test.ts: a private Redis,    inject('redisUrl')
 *   amqp     *.amqp.test.ts:  a private RabbitMQ, inject('amqpUrl'), inject('amqpManagementUrl')
 *   interop  *.interop.test.ts, e2e/interop, e2e/fixtures: both servers, and Python's Celery
 *
 * Servers start once a run, and only when a selected file asks for them: `npx vitest run server/store`
 * starts none, `npx vitest run server/broker/redis` a Redis. The redis project never waits for RabbitMQ
 * in a run of its own (`--project redis`). Files share the servers: take a database or vhost of your own
 * with freshRedisUrl() and freshVhost() of e2e/fixtures/isolated.ts, and start a private server
 * (e2e/fixtures/servers) where a test stops, pauses or reconfigures it.
 */
import { defineConfig } from 'vitest/config';

const withServers = ['**/*.redis.test.ts', '**/*.amqp.test.ts', '**/*.interop.test.ts'];
const never = ['**/node_modules/**', 'dist/**', '.next/**'];

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  test: {
    // Files mostly wait for brokers and workers: twice the processors of a small machine.
    maxWorkers: 4,
    // A test may wait for a fact on a busy machine; it never judges how long that took.
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 20_000 } },
    allowOnly: false,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{app,bench,components,lib,scripts,server}/**/*.test.{ts,tsx}'],
          exclude: [...never, ...withServers],
          // Files of one process share what they import: loading it anew for each would take longer than the tests.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'redis',
          include: ['server/**/*.redis.test.ts'],
          exclude: never,
          globalSetup: 'e2e/fixtures/setup/redis.ts',
          testTimeout: 60_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'amqp',
          include: ['server/**/*.amqp.test.ts'],
          exclude: never,
          globalSetup: 'e2e/fixtures/setup/amqp.ts',
          testTimeout: 60_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: [
            '{server,bench}/**/*.interop.test.ts',
            'e2e/interop/**/*.test.ts',
            'e2e/fixtures/**/*.test.ts',
          ],
          exclude: never,
          globalSetup: ['e2e/fixtures/setup/redis.ts', 'e2e/fixtures/setup/amqp.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
