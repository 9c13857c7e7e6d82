// Takes the body out of an event's envelope without parsing the envelope, when it is laid out exactly as kombu writes it;
// any other layout is read in full. The base64 is decoded into one buffer that is used again for every event.
import type { Decoded } from '../../celery/decoded.ts';
import { decodeEnvelope } from '../../celery/redis-layout.ts';
import type { EventPayload } from '../transport.ts';

const PREFIX = Buffer.from('{"body": "');
const JSON_HEAD = Buffer.from(
  '", "content-encoding": "utf-8", "content-type": "application/json", "headers": {',
);
const BASE64_MARK = '"body_encoding": "base64"';
const COMPRESSION_MARK = '"compression"';
const MAX_QUICK_TAIL = 2048;
const KEPT_SCRATCH_BYTES = 1024 * 1024;

export class EventEnvelopes {
  #scratch: Buffer = Buffer.allocUnsafeSlow(64 * 1024);

  /** The payload between `start` and `end`; its body is valid until the next call. */
  read(bytes: Buffer, start: number, end: number, routingKey: string): Decoded<EventPayload> {
    return this.#quick(bytes, start, end, routingKey) ?? slow(bytes, start, end, routingKey);
  }

  #quick(
    bytes: Buffer,
    start: number,
    end: number,
    routingKey: string,
  ): Decoded<EventPayload> | null {
    const bodyStart = start + PREFIX.length;
    if (bytes.compare(PREFIX, 0, PREFIX.length, start, Math.min(bodyStart, end)) !== 0) return null;
    const bodyEnd = bytes.indexOf(0x22, bodyStart);
    const headEnd = bodyEnd + JSON_HEAD.length;
    if (bodyEnd === -1 || headEnd > end || end - bodyEnd > MAX_QUICK_TAIL) return null;
    if (bytes.compare(JSON_HEAD, 0, JSON_HEAD.length, bodyEnd, headEnd) !== 0) return null;
    const tail = bytes.toString('latin1', headEnd, end);
    if (!tail.includes(BASE64_MARK) || tail.includes(COMPRESSION_MARK)) return null;
    const size = bodyEnd - bodyStart;
    if (this.#scratch.length < size) this.#scratch = Buffer.allocUnsafeSlow(size * 2);
    else if (this.#scratch.length > KEPT_SCRATCH_BYTES && size < KEPT_SCRATCH_BYTES) {
      this.#scratch = Buffer.allocUnsafeSlow(KEPT_SCRATCH_BYTES);
    }
    const written = this.#scratch.write(bytes.toString('latin1', bodyStart, bodyEnd), 'base64');
    return {
      ok: true,
      value: {
        body: this.#scratch.subarray(0, written),
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        compression: null,
        routingKey,
      },
    };
  }
}

function slow(
  bytes: Buffer,
  start: number,
  end: number,
  routingKey: string,
): Decoded<EventPayload> {
  const message = decodeEnvelope(bytes.subarray(start, end));
  if (!message.ok) return message;
  const { body, contentType, contentEncoding, headers } = message.value;
  const compression = headers['compression'];
  return {
    ok: true,
    value: {
      body,
      contentType,
      contentEncoding,
      compression: typeof compression === 'string' ? compression : null,
      routingKey,
    },
  };
}
