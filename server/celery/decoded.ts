// The outcome of reading something from the wire. Bad input is expected, so it is a value with a
// code and a place, never an exception. Knows nothing of what is being decoded.

/** `path` says where inside the input the trouble is, e.g. `headers.eta`. */
export type DecodeFailure = { ok: false; code: string; message: string; path?: string };

export type Decoded<T> = { ok: true; value: T } | DecodeFailure;

export function decoded<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function undecodable(code: string, message: string, path?: string): DecodeFailure {
  return path === undefined ? { ok: false, code, message } : { ok: false, code, message, path };
}
