// The body of a message: decompressed within a limit, then read by its content type. What the value
// means is the caller's business.

import type { PyValue } from '../../../lib/python/values.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import type { WireMessage } from '../message.ts';
import { decompress, DEFAULT_MAX_OUTPUT_BYTES } from './compressor.ts';
import { decodeBody } from './serializer.ts';

export function decodeMessageBody(
  message: WireMessage,
  maxOutputBytes: number = DEFAULT_MAX_OUTPUT_BYTES,
): Decoded<PyValue> {
  const bytes = inflatedBody(message, maxOutputBytes);
  return bytes.ok ? decodeBody(bytes.value, message) : bytes;
}

function inflatedBody(message: WireMessage, maxOutputBytes: number): Decoded<Buffer> {
  const { compression } = message.headers;
  if (typeof compression === 'string' && compression !== '') {
    return decompress(message.body, compression, maxOutputBytes);
  }
  if (message.body.byteLength > maxOutputBytes) {
    return undecodable('too_large', `The body has more than ${String(maxOutputBytes)} bytes`);
  }
  return decoded(message.body);
}
