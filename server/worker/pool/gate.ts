// Who has a job that was handed to a thread ahead of time: the thread that starts it, or the worker that takes it back. Both decide by one
// atomic step in shared memory, so that a thread that is busy need not be asked. It must not know jobs, only the numbers of their turns.
//
// States of a turn: offered -> started (by the thread) | withdrawn (by the worker).

/** The turns of two jobs that wait in one thread are never further apart than this. */
export const SLOTS = 1024;
/** Turns begin again here; a slot tells them apart long before. */
const LAST_TURN = 2 ** 30;

export class Gate {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: Int32Array;

  constructor(buffer = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#slots = new Int32Array(buffer);
  }

  /** The turn after this one. */
  static next(turn: number): number {
    return turn >= LAST_TURN ? 1 : turn + 1;
  }

  offer(turn: number): void {
    Atomics.store(this.#slots, turn % SLOTS, turn);
  }

  /** In the thread; false when the job was taken back. */
  start(turn: number): boolean {
    return Atomics.compareExchange(this.#slots, turn % SLOTS, turn, -turn) === turn;
  }

  hasStarted(turn: number): boolean {
    return Atomics.load(this.#slots, turn % SLOTS) === -turn;
  }

  /** False when the thread has started the job. */
  withdraw(turn: number): boolean {
    return Atomics.compareExchange(this.#slots, turn % SLOTS, turn, 0) === turn;
  }
}
