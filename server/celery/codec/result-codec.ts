// Values of a result backend as bytes of `result_serializer`. Reading is more generous than writing: what another serializer wrote is read as
// well, since nothing beside the bytes tells which one it was.
import type { PyValue } from '../../../lib/python/values.ts';
import { EncodingError } from '../encoding-error.ts';
import { encodeKombuJson } from './kombu-json.ts';
import { decodeBody, encodeBody, formatOf, type BodyFormat } from './serializer.ts';

export interface ResultCodec {
  readonly format: BodyFormat;
  encode(value: PyValue): string | Buffer;
  /** Undefined for what nothing can read. */
  decode(stored: string | Uint8Array): PyValue | undefined;
}

const READABLE = ['json', 'msgpack', 'yaml'] as const;

/** Throws EncodingError for a serializer that cannot be written. */
export function createResultCodec(serializer: string): ResultCodec {
  if (!READABLE.some((one) => one === serializer)) {
    throw new EncodingError(
      'unsupported',
      `Results cannot be written as ${serializer}: json, yaml or msgpack`,
    );
  }
  const names = [serializer, ...READABLE.filter((one) => one !== serializer)];
  const formats = names.map(formatOf);
  return {
    format: formatOf(serializer),
    encode: (value) =>
      serializer === 'json' ? encodeKombuJson(value) : encodeBody(value, serializer).body,
    decode: (stored) => {
      const bytes =
        typeof stored === 'string'
          ? Buffer.from(stored, 'utf8')
          : Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
      for (const format of formats) {
        const read = decodeBody(bytes, format);
        if (read.ok) return read.value;
      }
      return undefined;
    },
  };
}

export const JSON_RESULTS = createResultCodec('json');
