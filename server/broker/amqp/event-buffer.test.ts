import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { EventGap, EventPayload, EventSink } from '../transport.ts';
import { EventBuffer } from './event-buffer.ts';

const event = (text: string): EventPayload => ({
  body: Buffer.from(text),
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  compression: null,
  routingKey: 'task.multi',
});

function record() {
  const bodies: string[] = [];
  const gaps: EventGap[] = [];
  const sink: EventSink = {
    onEvents: ({ body }) => void bodies.push(body.toString()),
    onGap: (gap) => void gaps.push(gap),
    onMalformed: () => undefined,
  };
  return { bodies, gaps, sink };
}

it('hands events over in order, and is empty afterwards', async () => {
  const { bodies, gaps, sink } = record();
  const buffer = new EventBuffer(sink);
  const sent = Array.from({ length: 5000 }, (_, index) => String(index));
  for (const text of sent) buffer.push(event(text));
  expect(buffer.bytes).toBeGreaterThan(0);
  while (buffer.bytes > 0) await turn();
  expect(bodies).toEqual(sent);
  expect(gaps).toEqual([]);
});

it('drops what is too many, counts it, and takes events again when there is room', async () => {
  const { bodies, gaps, sink } = record();
  const buffer = new EventBuffer(sink, { maxCount: 4, maxBytes: 1e9 });
  for (let index = 0; index < 10; index += 1) buffer.push(event(String(index)));
  while (gaps.length === 0) await turn();
  expect(gaps).toMatchObject([{ cause: 'buffer-overrun', lostCount: 6 }]);
  expect(gaps[0]?.detail).toContain('6 event messages');
  buffer.push(event('later'));
  while (buffer.bytes > 0) await turn();
  expect(bodies).toEqual(['0', '1', '2', '3', 'later']);
});

it('is bounded by bytes as well', async () => {
  const { bodies, gaps, sink } = record();
  const buffer = new EventBuffer(sink, { maxCount: 1e9, maxBytes: 100_000 });
  for (let index = 0; index < 5; index += 1) buffer.push(event('x'.repeat(40_000)));
  expect(buffer.bytes).toBeLessThanOrEqual(100_000);
  while (gaps.length === 0) await turn();
  expect(gaps).toMatchObject([{ lostCount: 3 }]);
  expect(bodies).toHaveLength(2);
});

it('hands nothing over after it was closed', async () => {
  const { bodies, sink } = record();
  const buffer = new EventBuffer(sink);
  buffer.push(event('late'));
  buffer.close();
  await turn();
  await turn();
  expect([bodies, buffer.bytes]).toEqual([[], 0]);
});
