// Thrown by encoders for what cannot be written: a value, a serializer, a compression. This room
// imports no other, so the caller's edge translates it into its own kind of error.

export class EncodingError extends Error {
  readonly code: 'bad_request' | 'unsupported';

  constructor(code: 'bad_request' | 'unsupported', message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'EncodingError';
    this.code = code;
  }
}
