// Whether what a database says is trouble with the connection, which may be over soon, or with what was asked.

/** Of PostgreSQL: connection exceptions (08), no resources (53), shut down or starting (57P). */
const PASSING = /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|SQLITE_BUSY|SQLITE_LOCKED)/;
/** What pg says without a code when a connection ends under a query. */
const ENDED = /connection terminated|timeout exceeded|client has encountered a connection error/i;

export function isConnectionTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string' && PASSING.test(code)) return true;
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return ENDED.test(error.message) || inner.some(isConnectionTrouble);
}
