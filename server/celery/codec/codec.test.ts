import { decode as oracleDecode, encode as oracleEncode } from '@msgpack/msgpack';
import fc from 'fast-check';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { jsonValue, msgpackValue } from '../../../lib/python/testing/arbitrary.contract.ts';
import {
  PyBytes,
  PyDatetime,
  PyFloat,
  PyOpaque,
  PyTuple,
  PyUnknownTyped,
  toPlain,
  type PyValue,
} from '../../../lib/python/values.ts';
import { compress, decompress } from './compressor.ts';
import { decodeKombuJson, encodeKombuJson } from './kombu-json.ts';
import { decodeMsgpack, encodeMsgpack } from './msgpack.ts';
import { viewPickle } from './pickle-view.ts';
import { decodeBody, encodeBody } from './serializer.ts';
import { decodeYaml, encodeYaml } from './yaml-text.ts';

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

describe('kombu JSON', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = encodeKombuJson(value);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeKombuJson(text)).toEqual({ ok: true, value });
        expect(decodeKombuJson(Buffer.from(text))).toEqual({ ok: true, value });
      }),
      { numRuns: 500 },
    );
  });

  test('agrees with JSON.parse about ordinary JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const result = decodeKombuJson(text);
        if (/__(type|proto)__|\d{16}/.test(text)) return;
        expect(result.ok && toPlain(result.value)).toEqual(positive(JSON.parse(text)));
      }),
    );
  });

  test.each<[string, PyValue]>([
    ['[NaN, Infinity, -Infinity]', [NaN, Infinity, -Infinity]],
    ['[1.0, 1, 1e300, -0, -0.0]', [new PyFloat(1), 1, new PyFloat(1e300), 0, new PyFloat(-0)]],
    ['1180591620717411303424', 1180591620717411303424n],
    ['{"__type__": "later", "__value__": [1.0]}', new PyUnknownTyped('later', [new PyFloat(1)])],
    ['{"__type__": "datetime", "__value__": 5}', new PyUnknownTyped('datetime', 5)],
    ['{"__type__": "x", "__value__": 1, "more": 2}', { __type__: 'x', __value__: 1, more: 2 }],
    [String.raw`{"\u005f_type__": "bytes", "__value__": "a"}`, new PyBytes(new Uint8Array([97]))],
  ])('reads %s', (text, value) => {
    expect(decodeKombuJson(text)).toEqual({ ok: true, value });
  });

  test('a __proto__ key is an ordinary key', () => {
    for (const text of ['{"__proto__": {"a": 1}}', '{"__proto__": {"a": NaN}}']) {
      const result = decodeKombuJson(text);
      expect(result.ok && Object.keys(result.value as object)).toEqual(['__proto__']);
    }
  });

  test.each(['', '{', '[1,]', '{"a" 1}', '"\n"', '01', '[NaN', '"\\x" NaN', '[1] NaN', '-'])(
    'refuses %s',
    (text) => {
      expect(decodeKombuJson(text)).toMatchObject({ ok: false, code: 'not_json' });
    },
  );

  test('deep nesting and text that is not UTF-8 are error values', () => {
    expect(decodeKombuJson('['.repeat(200_000)).ok).toBe(false);
    expect(decodeKombuJson('['.repeat(200_000) + ']'.repeat(200_000)).ok).toBe(false);
    expect(decodeKombuJson(`${'['.repeat(200_000)}NaN`).ok).toBe(false);
    expect(decodeKombuJson(Buffer.of(0x22, 0xff, 0x22))).toMatchObject({ code: 'not_utf8' });
  });

  test('an opaque value is never sent', () => {
    expect(() => encodeKombuJson([new PyOpaque('a thing', 5)])).toThrow(TypeError);
  });
});

function positive(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('MessagePack', () => {
  test('decode(encode(x)) = x, and another reader agrees', () => {
    fc.assert(
      fc.property(msgpackValue, (value) => {
        const encoded = encodeMsgpack(value);
        expect(decodeMsgpack(encoded)).toEqual({ ok: true, value });
      }),
    );
    const sample = { a: [1, -1, 300, -40000, 1.5, 'é'.repeat(40), null, true], b: {} };
    expect(oracleDecode(encodeMsgpack(sample))).toEqual(sample);
    expect(decodeMsgpack(Buffer.from(oracleEncode(sample)))).toEqual({ ok: true, value: sample });
  });

  test('any bytes are a value or an error value', () => {
    fc.assert(
      fc.property(bytes, (input) => typeof decodeMsgpack(input).ok === 'boolean'),
      { numRuns: 500 },
    );
    expect(decodeMsgpack(Buffer.from('ddffffffff', 'hex')).ok).toBe(false);
    expect(decodeMsgpack(Buffer.alloc(100_000, 0x91)).ok).toBe(false);
  });
});

describe('YAML', () => {
  test('decode(encode(x)) = x for what YAML carries', () => {
    fc.assert(
      fc.property(msgpackValue, (value) => {
        expect(decodeYaml(Buffer.from(encodeYaml(value)))).toEqual({ ok: true, value });
      }),
    );
  });

  test('times are read, and no object is ever built', () => {
    expect(decodeYaml(Buffer.from('2040-01-02 03:04:05.5+00:00'))).toEqual({
      ok: true,
      value: new PyDatetime('2040-01-02T03:04:05.5+00:00'),
    });
    const hostile = '!!python/object/apply:os.system ["true"]';
    expect(decodeYaml(Buffer.from(hostile))).toEqual({ ok: true, value: ['true'] });
  });

  test('bombs and broken text are error values', () => {
    const layers = Array.from({ length: 9 }, (_, index) => {
      const items = Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*a${String(index - 1)}`));
      return `a${String(index)}: &a${String(index)} [${items.join(', ')}]`;
    });
    expect(decodeYaml(Buffer.from(layers.join('\n'))).ok).toBe(false);
    expect(decodeYaml(Buffer.from('['.repeat(50_000))).ok).toBe(false);
    expect(decodeYaml(Buffer.from('- '.repeat(50_000))).ok).toBe(false);
    fc.assert(fc.property(bytes, (input) => typeof decodeYaml(input).ok === 'boolean'));
    fc.assert(
      fc.property(fc.string(), (text) => typeof decodeYaml(Buffer.from(text)).ok === 'boolean'),
    );
  });
});

describe('compression', () => {
  test.each(['gzip', 'zlib', 'brotli'])('%s both ways', (name) => {
    const data = Buffer.from('some text '.repeat(50));
    const packed = compress(data, name);
    expect(packed.ok && decompress(packed.value, name)).toEqual({ ok: true, value: data });
  });

  test('what is called gzip is a zlib stream', () => {
    const packed = compress(Buffer.from('abc'), 'gzip');
    expect(packed.ok && zlib.inflateSync(packed.value).toString()).toBe('abc');
  });

  test('bzip2 and zstd are read, xz is named', () => {
    const bzip = 'QlpoOTFBWSZTWRkxZT0AAACBAAJEoAAhmmgzTQczi7kinChIDJiynoA=';
    const zstd = 'KLUv/QRYKQAAaGVsbG+jbZ+I';
    const hello = { ok: true, value: Buffer.from('hello') };
    expect(decompress(Buffer.from(bzip, 'base64'), 'bzip2')).toEqual(hello);
    expect(decompress(Buffer.from(zstd, 'base64'), 'zstd')).toEqual(hello);
    expect(decompress(Buffer.from('x'), 'lzma')).toMatchObject({
      ok: false,
      code: 'compression_unsupported',
    });
  });

  test('a bomb is refused', () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    for (const bomb of [zlib.deflateSync(zeros), zlib.gzipSync(zeros)]) {
      expect(decompress(bomb, 'gzip')).toMatchObject({ ok: false, code: 'too_large' });
    }
    const brotli = zlib.brotliCompressSync(zeros, {
      params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 },
    });
    expect(decompress(brotli, 'brotli')).toMatchObject({ ok: false, code: 'too_large' });
    expect(decompress(bzipBomb(), 'bzip2', 1024)).toMatchObject({ code: 'too_large' });
    expect(zstdBomb().length).toBeLessThan(10_000);
    expect(decompress(zstdBomb(), 'zstd', 1024 * 1024)).toMatchObject({
      ok: false,
      code: 'too_large',
    });
    const few = decompress(zstdBomb(3), 'zstd');
    expect(few.ok && few.value.equals(Buffer.alloc(3 * ZSTD_BLOCK, 'a'))).toBe(true);
  });

  test('any bytes are a value or an error value', () => {
    const method = fc.constantFrom('gzip', 'brotli', 'bzip2', 'zstd', 'lzma', 'nonsense');
    fc.assert(
      fc.property(bytes, method, (input, name) => typeof decompress(input, name).ok === 'boolean'),
    );
    const framed = bytes.map((tail) => Buffer.concat([Buffer.from('28b52ffd', 'hex'), tail]));
    fc.assert(
      fc.property(framed, (input) => typeof decompress(input, 'zstd', 100_000).ok === 'boolean'),
    );
    const blocks = bytes.map((tail) =>
      Buffer.concat([Buffer.from('BZh1'), Buffer.from('314159265359', 'hex'), tail]),
    );
    fc.assert(
      fc.property(blocks, (input) => typeof decompress(input, 'bzip2', 100_000).ok === 'boolean'),
    );
  });
});

const ZSTD_BLOCK = 128 * 1024;

/** A frame of blocks that each say "this byte, so often": four bytes for 128 KB. */
function zstdBomb(blocks = 2000): Buffer {
  const head = Buffer.from('28b52ffd0038', 'hex');
  const bodies = Array.from({ length: blocks }, (_, index) => {
    const block = Buffer.alloc(4, 'a');
    block.writeUIntLE((ZSTD_BLOCK << 3) | (1 << 1) | (index === blocks - 1 ? 1 : 0), 0, 3);
    return block;
  });
  return Buffer.concat([head, ...bodies]);
}

/** 100,000 zeros by Python's bz2. */
function bzipBomb(): Buffer {
  return Buffer.from(BZIP_BOMB, 'base64');
}
const BZIP_BOMB = 'QlpoOTFBWSZTWb6piCsAAMRQAMAABAAACCAAMMwFKaYQtiIXi7kinChIX1TEFYA=';

describe('serializers', () => {
  test('by content type, both ways', () => {
    for (const name of ['json', 'yaml', 'msgpack']) {
      const value = [[1, new PyFloat(2), 'ü'], { a: null }];
      const { body, ...format } = encodeBody(value, name);
      expect(decodeBody(body, format), name).toEqual({ ok: true, value });
    }
    expect(() => encodeBody(null, 'pickle')).toThrow('pickle');
    expect(decodeBody(Buffer.from('x'), { contentType: 'text/x', contentEncoding: '' }).ok).toBe(
      false,
    );
  });
});

const OPCODES =
  '(.0125BCFGIJKLMNQRSTUVX]abcdeghijlopqrstu})\x80\x81\x82\x85\x86\x87\x88\x8a\x8c\x8f\x90\x91\x92\x93\x94\x95\n';

const pickle = (parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );

describe('pickle', () => {
  test.each<[string, string, PyValue]>([
    ['an integer', '\x80\x05K\x05.', 5],
    ['protocol 0', "(dp0\nS'a'\np1\nI01\ns.", { a: true }],
    ['a long', '\x80\x02\x8a\x09\0\0\0\0\0\0\0\0\x01.', 2n ** 64n],
    ['a negative long', '\x80\x02\x8a\x01\xff.', -1],
    ['a tuple', '\x80\x02K\x01K\x02\x86.', new PyTuple([1, 2])],
    ['a float', '\x80\x02G?\xf0\0\0\0\0\0\0.', new PyFloat(1)],
    ['bytes', '\x80\x03C\x02\xff\0.', new PyBytes(new Uint8Array([255, 0]))],
  ])('shows %s', (_name, text, value) => {
    expect(viewPickle(pickle([text]))).toEqual({ ok: true, value });
  });

  test('nothing is executed: calls and imports become opaque', () => {
    const input = pickle(["cos\nsystem\n(S'true'\ntR."]);
    const view = viewPickle(input);
    expect(view).toMatchObject({
      ok: true,
      value: { description: 'os.system object', sizeBytes: input.length },
    });
  });

  test('a list that holds itself ends', () => {
    const view = viewPickle(pickle([']q\0h\0a.']));
    expect(view).toMatchObject({ ok: true, value: [{ description: 'a cycle' }] });
  });

  test('hostile pickles are error values or bounded views', () => {
    const doubling = pickle([']q\0', 'h\x00h\x00\x86q\x00'.repeat(60), '.']);
    expect(viewPickle(doubling).ok).toBe(false);
    expect(viewPickle(pickle(['(', ']'.repeat(1000), 'a'.repeat(999), '.'])).ok).toBe(true);
    expect(viewPickle(pickle(['\x8e\xff\xff\xff\xff\xff\xff\xff\xff.'])).ok).toBe(false);
    expect(viewPickle(pickle(['X\xff\xff\xff\xff.'])).ok).toBe(false);
    expect(viewPickle(pickle(['N'.repeat(1_000_000), '.'])).ok).toBe(false);
    expect(viewPickle(pickle(['(d\x8c\x09__proto__}\x8c\x01aK\x01ss.']))).toMatchObject({
      ok: true,
    });
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  test('any bytes are a value or an error value', () => {
    fc.assert(
      fc.property(bytes, (input) => typeof viewPickle(input).ok === 'boolean'),
      { numRuns: 500 },
    );
    const opcodes = fc
      .array(fc.constantFrom(...Array.from(OPCODES)))
      .map((signs) => pickle([signs.join(''), '.']));
    fc.assert(
      fc.property(opcodes, (input) => typeof viewPickle(input).ok === 'boolean'),
      { numRuns: 1000 },
    );
  });
});
