// Finds the frames of a RESP2 push stream (pmessage, psubscribe, pong, errors) in blocks of bytes, whatever the borders of
// the blocks. A frame inside a block is never copied; one across a border is put together once. Bounded: a frame larger
// than the limit is skipped and reported.

export type FrameSink = {
  /** A published message: where channel and payload are in `bytes`, valid during the call. */
  onMessage(bytes: Buffer, channel: [number, number], payload: [number, number]): void;
  onSubscribed(): void;
  /** An error reply, e.g. missing permission. */
  onError(text: string): void;
  onTooLarge(sizeBytes: number): void;
  /** The stream cannot be followed any more; the connection has to go. */
  onBroken(reason: string): void;
};

const CR = 13;
const [ARRAY, BULK, INTEGER, SIMPLE, ERROR] = [42, 36, 58, 43, 45];
const MAX_LINE = 4096;
const MAX_ITEMS = 8;

export class RespFrames {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  #carry: Buffer | null = null;
  #carried = 0;
  #skipBytes = 0;
  #isBroken = false;
  readonly #starts = new Int32Array(MAX_ITEMS);
  readonly #ends = new Int32Array(MAX_ITEMS);
  #items = 0;
  #needed = 0;
  #line = 0;
  #cursor = 0;

  constructor(sink: FrameSink, maxFrameBytes = 64 * 1024 * 1024) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** A new connection: whatever was incomplete is gone. */
  reset(): void {
    this.#carry = null;
    this.#carried = 0;
    this.#skipBytes = 0;
    this.#isBroken = false;
  }

  write(block: Buffer): void {
    let at = 0;
    while (at < block.length && !this.#isBroken) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, block.length - at);
        this.#skipBytes -= skipped;
        at += skipped;
      } else if (this.#carry !== null) {
        at = this.#completeCarry(this.#carry, block, at);
      } else {
        const length = this.#scan(block, at, block.length);
        if (length > 0) {
          this.#emit(block, at);
          at += length;
        } else at = this.#startCarry(block, at);
      }
    }
  }

  #startCarry(block: Buffer, at: number): number {
    if (this.#isBroken) return block.length;
    const rest = block.length - at;
    if (this.#needed > this.#maxFrameBytes) {
      this.#sink.onTooLarge(this.#needed);
      this.#skipBytes = this.#needed - rest;
      return block.length;
    }
    const carry = Buffer.allocUnsafeSlow(Math.max(this.#needed, 1024));
    this.#carried = block.copy(carry, 0, at);
    this.#carry = carry;
    return block.length;
  }

  #completeCarry(carry: Buffer, block: Buffer, from: number): number {
    let at = from;
    let buffer = carry;
    while (!this.#isBroken) {
      const length = this.#scan(buffer, 0, this.#carried);
      if (length > 0) {
        this.#carry = null;
        this.#emit(buffer, 0);
        this.#carried = 0;
        return at;
      }
      if (this.#needed > this.#maxFrameBytes) {
        this.#sink.onTooLarge(this.#needed);
        this.#skipBytes = this.#needed - this.#carried;
        this.#carry = null;
        return at;
      }
      if (at >= block.length) break;
      if (this.#needed > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(this.#needed, buffer.length * 2));
        buffer.copy(larger, 0, 0, this.#carried);
        buffer = larger;
      }
      const copied = block.copy(buffer, this.#carried, at, at + this.#needed - this.#carried);
      this.#carried += copied;
      at += copied;
    }
    this.#carry = buffer;
    return at;
  }

  /** Length of the frame at `start`, or 0 with `#needed` set to the bytes that it takes at least. */
  #scan(bytes: Buffer, start: number, end: number): number {
    this.#items = 0;
    this.#cursor = start;
    if (start >= end) return this.#need(1);
    const type = bytes[start];
    if (type !== ARRAY) {
      if (type === SIMPLE || type === ERROR || type === INTEGER) {
        if (!this.#readLine(bytes, start, end)) return 0;
        return this.#cursor - start;
      }
      return this.#broken(`A frame starts with byte ${String(type)}`);
    }
    if (!this.#readLine(bytes, start, end)) return 0;
    const count = this.#line;
    if (!(count >= 1 && count <= MAX_ITEMS)) {
      return this.#broken(`A frame of ${String(count)} items`);
    }
    for (let item = 0; item < count; item += 1) {
      const itemType = bytes[this.#cursor];
      if (this.#cursor >= end) return this.#need(this.#cursor - start + 1);
      if (itemType !== BULK && itemType !== INTEGER) {
        return this.#broken(`An item starts with byte ${String(itemType)}`);
      }
      const lineStart = this.#cursor + 1;
      if (!this.#readLine(bytes, start, end)) return 0;
      if (itemType === INTEGER) {
        this.#starts[item] = lineStart;
        this.#ends[item] = this.#cursor - 2;
        continue;
      }
      const size = Math.max(0, this.#line);
      const after = this.#cursor + (this.#line < 0 ? 0 : size + 2);
      this.#starts[item] = this.#cursor - start;
      this.#ends[item] = this.#cursor + size - start;
      if (after > end) return this.#need(after - start);
      this.#cursor = after;
    }
    this.#items = count;
    return this.#cursor - start;
  }

  /** Reads the number of a line into `#line` and moves the cursor behind it. */
  #readLine(bytes: Buffer, start: number, end: number): boolean {
    let value = 0;
    let sign = 1;
    const limit = Math.min(end, this.#cursor + MAX_LINE);
    for (let at = this.#cursor + 1; at < limit; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === CR) {
        if (at + 1 >= end) break;
        this.#line = sign * value;
        this.#cursor = at + 2;
        return true;
      }
      if (byte === ERROR) sign = -1;
      else value = value * 10 + byte - 48;
    }
    if (limit - this.#cursor >= MAX_LINE) this.#broken('A line without an end');
    this.#need(end - start + 1);
    return false;
  }

  #emit(bytes: Buffer, at: number): void {
    if (this.#items === 0) {
      if (bytes[at] === ERROR) {
        this.#sink.onError(bytes.toString('utf8', at + 1, bytes.indexOf(CR, at)));
      }
      return;
    }
    const kindLength = (this.#ends[0] ?? 0) - (this.#starts[0] ?? 0);
    if (this.#items === 4 && kindLength === 8) {
      this.#sink.onMessage(
        bytes,
        [at + (this.#starts[2] ?? 0), at + (this.#ends[2] ?? 0)],
        [at + (this.#starts[3] ?? 0), at + (this.#ends[3] ?? 0)],
      );
    } else if (this.#items === 3 && kindLength === 10) this.#sink.onSubscribed();
  }

  #need(bytes: number): 0 {
    this.#needed = bytes;
    return 0;
  }

  #broken(reason: string): 0 {
    if (!this.#isBroken) {
      this.#isBroken = true;
      this.#sink.onBroken(reason);
    }
    return this.#need(1);
  }
}
