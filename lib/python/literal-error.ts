/** Why a Python literal cannot be read, and where. Stays inside the reader. */
export class LiteralError extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}
