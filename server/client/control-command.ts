// A remote control command of an application's own.

/**
 * Called in the consumer of each worker that is asked, with the arguments of the request. What it returns is the reply (plain data); `undefined`
 * replies nothing; what it throws is the reply `{ error: … }`.
 */
export type ControlCommand = (
  given: Readonly<Record<string, unknown>>,
  worker: { readonly hostname: string },
) => unknown;
