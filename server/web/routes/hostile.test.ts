import net from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BODIES,
  createRawClient,
  NASTY,
  READS,
  WRITES,
  type RawClient,
} from '../testing/hostile-input.ts';
import { addTask, createQueue, createTask, createWorker } from '../testing/memory-cluster.ts';
import { startTestServer, type TestServer } from '../testing/start.ts';

let server: TestServer;
let client: RawClient;

beforeAll(async () => {
  server = await startTestServer();
  client = createRawClient(server.url);
  addTask(server.cluster, createTask('t1', { args: '<script>alert(1)</script>' }));
  server.cluster.state.workers.set('w1@h', createWorker('w1@h'));
  server.cluster.state.queues.set('celery', createQueue('celery'));
});
afterAll(async () => {
  client.close();
  await server.close();
});

describe('whatever is asked', () => {
  it.each(READS)('%s is answered below 500', async (template) => {
    for (const nasty of NASTY) {
      const answer = await client.ask(template.replaceAll('@', nasty));
      expect(answer).toSatisfy(({ status }: { status: number }) => status >= 200 && status < 500);
      expect(answer.type).not.toContain('html');
    }
  });

  it.each(WRITES)('%s is answered below 500, whatever is sent', async (template) => {
    for (const nasty of NASTY) {
      const answer = await client.ask(template.replaceAll('@', nasty), 'POST');
      expect(answer).toSatisfy(({ status }: { status: number }) => status >= 200 && status < 500);
    }
    for (const [type, body] of BODIES) {
      const answer = await client.ask(template.replaceAll('@', 'x'), 'POST', type, body);
      expect(answer).toSatisfy(({ status }: { status: number }) => status >= 200 && status < 500);
    }
  });

  it('nothing that was wrong reached a worker', () => {
    const commands = server.cluster.state.calls.filter(({ method }) => method === 'command');
    const queues = commands.flatMap(({ arguments: [, request] }) => {
      const { command } = request as { command: { queue?: unknown } };
      return 'queue' in command ? [command.queue] : [];
    });
    expect(queues.filter((queue) => typeof queue !== 'string' || queue === '')).toEqual([]);
  });

  it('a body that is too large is refused', async () => {
    const body = JSON.stringify({ ids: ['x'.repeat(2_000_000)] });
    const path = '/api/v1/clusters/demo/tasks/revoke';
    const answer = await client.ask(path, 'POST', 'application/json', body);
    expect(answer.status).toBe(413);
    expect(answer.type).toContain('problem+json');
  });

  it('what is no HTTP, or too long to be read, is answered as a problem too', async () => {
    const long = await client.ask(`/api/v1/clusters/${'x'.repeat(20_000)}`);
    expect([long.status, long.type]).toEqual([431, 'application/problem+json; charset=utf-8']);
    expect(JSON.parse(long.body)).toMatchObject({ status: 431, code: 'too_large' });

    const { port } = new URL(server.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.end('\x16\x03\x01 hello\r\n\r\n');
    const said = await text(socket);
    expect(said).toMatch(/^HTTP\/1.1 400 [^]*"code":"bad_request"/);
  });
});
