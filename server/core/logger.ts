// Structured logs on stderr (pino). Secrets never reach a log line: URLs pass through `redactUrl` first.
import pino from 'pino';
import type { Logger } from './silent-logger.ts';

export { silentLogger, type Logger } from './silent-logger.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLogger(level: LogLevel, name = 'umbel'): Logger {
  return pino(
    { level, name, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
}
