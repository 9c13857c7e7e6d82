// Serialised bodies by content type (kombu.serialization). Pickle is only ever looked at, never
// executed. Compression is body.ts's business; what the values mean is the caller's.

import { PyBytes, type PyValue } from '../../../lib/python/values.ts';

import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { EncodingError } from '../encoding-error.ts';
import { decodeKombuJson, encodeKombuJson } from './kombu-json.ts';
import { decodeMsgpack, encodeMsgpack } from './msgpack.ts';
import { viewPickle } from './pickle-view.ts';
import { decodeYaml, encodeYaml } from './yaml-text.ts';

export type BodyFormat = { contentType: string; contentEncoding: string };

export const PICKLE_CONTENT_TYPE = 'application/x-python-serialize';

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ['json', { contentType: 'application/json', contentEncoding: 'utf-8' }],
  ['yaml', { contentType: 'application/x-yaml', contentEncoding: 'utf-8' }],
  ['msgpack', { contentType: 'application/x-msgpack', contentEncoding: 'binary' }],
  ['pickle', { contentType: PICKLE_CONTENT_TYPE, contentEncoding: 'binary' }],
]);

/** Never throws. A pickle comes back as a view: plain values, and `PyOpaque` for the rest. */
export function decodeBody(body: Buffer, format: BodyFormat): Decoded<PyValue> {
  switch (format.contentType) {
    case 'application/json':
      return decodeKombuJson(body);
    case 'application/x-yaml':
      return decodeYaml(body);
    case 'application/x-msgpack':
      return decodeMsgpack(body);
    case PICKLE_CONTENT_TYPE:
      return viewPickle(body);
    case 'text/plain':
      return decoded(body.toString('utf8'));
    case 'application/data':
      return decoded(new PyBytes(new Uint8Array(body)));
    default:
      return undecodable(
        'content_type_unknown',
        `Bodies of type "${format.contentType.slice(0, 100)}" cannot be read`,
      );
  }
}

/** Throws EncodingError for a name that is no serializer. */
export function formatOf(serializer: string): BodyFormat {
  const format = FORMATS.get(serializer);
  if (format === undefined) {
    throw new EncodingError('unsupported', `There is no serializer "${serializer}"`);
  }
  return format;
}

/** The content types that `accept_content` names, by serializers or by themselves. */
export function acceptedTypes(accept: readonly string[]): ReadonlySet<string> {
  const types = accept.map((name) => FORMATS.get(name)?.contentType ?? name);
  return new Set([...types, 'application/data', 'application/text']);
}

/** Writes json, yaml and msgpack; any other serializer is an `EncodingError`. */
export function encodeBody(value: PyValue, serializer: string): BodyFormat & { body: Buffer } {
  const format = FORMATS.get(serializer);
  if (format === undefined || serializer === 'pickle') {
    throw new EncodingError('unsupported', `Bodies cannot be written as ${serializer}`);
  }
  return { ...format, body: write(value, serializer) };
}

function write(value: PyValue, serializer: string): Buffer {
  if (serializer === 'msgpack') return encodeMsgpack(value);
  return Buffer.from(serializer === 'yaml' ? encodeYaml(value) : encodeKombuJson(value), 'utf8');
}
