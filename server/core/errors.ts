// The one error type for exceptional trouble: a code from a closed union, a message an operator can act on, and the
// cause. Thrown at the bottom, translated once per edge (HTTP problem, exit code, log line).

export type AppErrorCode =
  | 'bad_configuration'
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'read_only'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'timeout'
  | 'broker_unreachable'
  | 'broker_auth'
  | 'broker_refused'
  | 'backend_unreachable'
  | 'backend_missing'
  | 'store_locked'
  | 'store_newer'
  | 'store_failed'
  | 'closed'
  | 'internal';

export class AppError extends Error {
  readonly code: AppErrorCode;
  /** Machine-readable particulars, safe to show: no secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: AppErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}

/** The text of whatever was thrown, for messages and logs. */
export function errorText(error: unknown): string {
  if (error instanceof Error) {
    if (error.message !== '') return error.message;
    const inner = error instanceof AggregateError ? (error.errors as unknown[])[0] : undefined;
    return inner === undefined ? error.name : errorText(inner);
  }
  return String(error);
}
