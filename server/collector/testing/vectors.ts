// Reads events out of recorded vectors, for tests.
import { readFileSync } from 'node:fs';
import type { RawEvent } from '../../celery/event.ts';

type Published = { body_decoded: RawEvent | RawEvent[] };
type Recording = { captured: { cases: Record<string, { published: Published[] }> } };

export function readVectorEvents(file: string, name: string): RawEvent[] {
  const path = new URL(`../../celery/vectors/${file}`, import.meta.url);
  const recording = JSON.parse(readFileSync(path, 'utf8')) as Recording;
  const published = recording.captured.cases[name]?.published ?? [];
  return published.flatMap((message) => message.body_decoded);
}

type AmqpRecording = { captured: Record<string, { body: string }[]> };

/** Cases of a recording made on RabbitMQ, with the events that they published. */
export function readAmqpEvents(file: string): Map<string, RawEvent[]> {
  const path = new URL(`../../celery/vectors/${file}`, import.meta.url);
  const recording = JSON.parse(readFileSync(path, 'utf8')) as AmqpRecording;
  return new Map(
    Object.entries(recording.captured).map(([name, messages]) => [
      name,
      messages.flatMap(({ body }) => JSON.parse(body) as RawEvent | RawEvent[]),
    ]),
  );
}
