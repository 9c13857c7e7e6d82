// A process of its own that publishes an event mix to Redis, at a steady rate or as fast as Redis takes it; reports on stdout as JSON.
import net from 'node:net';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { EventMix } from './event-mix.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    rate: { type: 'string', default: '60000' },
    seconds: { type: 'string', default: '60' },
    events: { type: 'string' },
    workers: { type: 'string', default: '10' },
    types: { type: 'string', default: '50' },
    'life-min': { type: 'string', default: '1' },
    'life-max': { type: 'string', default: '20' },
    payload: { type: 'string', default: '60' },
    single: { type: 'boolean', default: false },
  },
});

const EVENTS_PER_TASK = 4;
const TICK_MS = 5;
const HEARTBEAT_MS = 2000;

const mix = new EventMix({
  workers: Number(values.workers),
  types: Number(values.types),
  lifeMs: { min: Number(values['life-min']), max: Number(values['life-max']) },
  payloadChars: Number(values.payload),
  single: values.single,
});
const socket = net.connect({ port: Number(values.port), host: '127.0.0.1', noDelay: true });
await once(socket, 'connect');
// Redis answers every PUBLISH with the number of receivers: read and dropped.
let replyBytes = 0;
socket.on('data', (chunk) => {
  replyBytes += chunk.length;
});

const startedAt = Date.now();
const burst = values.events === undefined ? null : Number(values.events);
let sentBytes = 0;
let lastHeartbeat = 0;

async function write(text: string): Promise<void> {
  if (text === '') return;
  sentBytes += text.length;
  if (!socket.write(text)) await once(socket, 'drain');
}

if (burst === null) {
  const perTick = (Number(values.rate) / EVENTS_PER_TASK) * (TICK_MS / 1000);
  const ticks = (Number(values.seconds) * 1000) / TICK_MS;
  let begun = 0;
  for (let tick = 1; tick <= ticks; tick += 1) {
    const due = Math.round(perTick * tick) - begun;
    begun += due;
    await write(mix.tick(due));
    await heartbeat();
    const ahead = startedAt + tick * TICK_MS - Date.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
} else {
  while (mix.eventCount < burst) {
    await write(mix.tick(100));
    await heartbeat();
  }
}
const steadyMs = Date.now() - startedAt;
while (mix.pending) await write(mix.tick(0));
socket.end();
await once(socket, 'close');
const cpu = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({
    events: mix.eventCount,
    tasks: mix.taskCount,
    outcomes: mix.outcomes,
    idPrefix: mix.idPrefix,
    sentBytes,
    replyBytes,
    steadyMs,
    eventsPerSecond: Math.round((mix.eventCount / steadyMs) * 1000),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  })}\n`,
);

async function heartbeat(): Promise<void> {
  if (Date.now() - lastHeartbeat < HEARTBEAT_MS) return;
  lastHeartbeat = Date.now();
  await write(mix.heartbeats());
}
