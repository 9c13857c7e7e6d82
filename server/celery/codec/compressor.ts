// Compressed bodies by the MIME name in the header `compression` (kombu.compression). What kombu calls
// gzip is a zlib stream. Inflating stops at a limit, so a small body cannot fill the memory. xz is
// named and refused: no library reads it synchronously without native code.

import Bunzip from 'seek-bzip';
import { Decompress } from 'fzstd';
import zlib from 'node:zlib';
import { decoded, undecodable, type Decoded } from '../decoded.ts';

export const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['gzip', 'application/x-gzip'],
  ['zlib', 'application/x-gzip'],
  ['bzip2', 'application/x-bz2'],
  ['bzip', 'application/x-bz2'],
  ['lzma', 'application/x-lzma'],
  ['xz', 'application/x-lzma'],
  ['brotli', 'application/x-brotli'],
  ['zstd', 'application/zstd'],
  ['zstandard', 'application/zstd'],
]);

/** The MIME name of an alias; a name that is none stays as it is. */
export function compressionMime(name: string): string {
  return ALIASES.get(name) ?? name;
}

class LimitReached extends Error {}

type Inflate = (input: Buffer, limit: number) => Buffer;

const INFLATE: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['application/x-gzip', (input, limit) => zlib.unzipSync(input, { maxOutputLength: limit })],
  [
    'application/x-brotli',
    (input, limit) => zlib.brotliDecompressSync(input, { maxOutputLength: limit }),
  ],
  ['application/x-bz2', inflateBzip],
  ['application/zstd', inflateZstd],
]);

/** Never throws: an unknown method, broken data and too much output are error values. */
export function decompress(
  input: Buffer,
  compression: string,
  maxOutputBytes: number = DEFAULT_MAX_OUTPUT_BYTES,
): Decoded<Buffer> {
  const mime = compressionMime(compression);
  const inflate = INFLATE.get(mime);
  if (inflate === undefined) {
    return undecodable('compression_unsupported', `Bodies compressed as ${mime} cannot be read`);
  }
  try {
    return decoded(inflate(input, maxOutputBytes));
  } catch (error) {
    if (isTooLarge(error)) {
      return undecodable(
        'too_large',
        `The body inflates to more than ${String(maxOutputBytes)} bytes`,
      );
    }
    return undecodable('bad_compression', `The body is not readable as ${mime}`);
  }
}

function isTooLarge(error: unknown): boolean {
  if (error instanceof LimitReached) return true;
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

class BoundedOutput {
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    this.#size += bytes.byteLength;
    if (this.#size > this.#limit) throw new LimitReached();
    this.#chunks.push(Buffer.from(bytes));
  }

  result(): Buffer {
    return Buffer.concat(this.#chunks, this.#size);
  }
}

const PAGE_BYTES = 65_536;

function inflateBzip(input: Buffer, limit: number): Buffer {
  const output = new BoundedOutput(limit);
  let page = new Uint8Array(PAGE_BYTES);
  let used = 0;
  const flush = (): void => {
    output.add(page.subarray(0, used));
    page = new Uint8Array(PAGE_BYTES);
    used = 0;
  };
  const writeByte = (byte: number): void => {
    page[used] = byte;
    used += 1;
    if (used === PAGE_BYTES) flush();
  };
  Bunzip.decode(input, {
    writeByte,
    write: (buffer, offset, length) => {
      for (let at = offset; at < offset + length; at += 1) writeByte(buffer[at] ?? 0);
      return length;
    },
    flush: () => undefined,
  });
  flush();
  return output.result();
}

function inflateZstd(input: Buffer, limit: number): Buffer {
  if (zstdWindowBytes(input) > Math.max(limit, MIN_WINDOW_BYTES)) throw new LimitReached();
  const output = new BoundedOutput(limit);
  const stream = new Decompress((chunk) => output.add(chunk));
  stream.push(input, true);
  return output.result();
}

const MIN_WINDOW_BYTES = 8 * 1024 * 1024;

/** The window that a zstd frame asks for: memory is taken by it before any output exists. */
function zstdWindowBytes(input: Buffer): number {
  const descriptor = input[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  if (!singleSegment) {
    const window = input[5] ?? 0;
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  const at = 5 + dictionaryBytes;
  if (input.length < at + sizeBytes) return 0;
  if (sizeBytes === 8) return Number(input.readBigUInt64LE(at));
  return input.readUIntLE(at, sizeBytes);
}

const DEFLATE: ReadonlyMap<string, (input: Buffer) => Buffer> = new Map<
  string,
  (input: Buffer) => Buffer
>([
  ['application/x-gzip', (input) => zlib.deflateSync(input)],
  ['application/x-brotli', (input) => zlib.brotliCompressSync(input)],
]);

/** Only the zlib stream that kombu calls gzip, and brotli, are written. */
export function compress(input: Buffer, compression: string): Decoded<Buffer> {
  const mime = compressionMime(compression);
  const deflate = DEFLATE.get(mime);
  if (deflate === undefined) {
    return undecodable('compression_unsupported', `Bodies cannot be compressed as ${mime}`);
  }
  return decoded(deflate(input));
}
