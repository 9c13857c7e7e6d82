// The log of a worker or of beat as people know it from Celery: time, level, text. To stderr or to a file; colours on a terminal only.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createLogger, type Logger } from '../../core/logger.ts';
import { AppError } from '../../core/errors.ts';
import { expandNodeFile } from './node-name.ts';

export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'FATAL'] as const;

const RANKS: Readonly<Record<string, number>> = {
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
  FATAL: 50,
};
const COLORS: Readonly<Record<string, number>> = { DEBUG: 34, WARNING: 33, ERROR: 31 };

export type TextLog = { logger: Logger; close: () => Promise<void> };

export type TextLogOptions = {
  level: string;
  /** `%n` stands for the name of the node, `%h` for its host; see `expandNodeFile`. */
  file: string | null;
  isJson: boolean;
  nodeName: string;
};

/** Throws AppError bad_configuration when the level is none. */
export function openTextLog({ level, file, isJson, nodeName }: TextLogOptions): TextLog {
  const upper = level.toUpperCase();
  const least = RANKS[upper];
  if (least === undefined) {
    throw new AppError('bad_configuration', `${level} is no level: ${LEVELS.join(', ')}.`);
  }
  if (isJson && file === null) {
    const pinoLevel = least >= 40 ? 'error' : least >= 30 ? 'warn' : least >= 20 ? 'info' : 'debug';
    return { logger: createLogger(pinoLevel, 'umbel'), close: () => Promise.resolve() };
  }
  const stream =
    file === null ? null : createWriteStream(expandNodeFile(file, nodeName), { flags: 'a' });
  const hasColor = stream === null && process.stderr.isTTY;
  const write = (text: string) => (stream ?? process.stderr).write(text);
  const say = (at: string, more: object) => (fields: object, message: string) => {
    if ((RANKS[at] ?? 0) < least) return;
    const all = { ...more, ...fields };
    if (isJson) {
      write(
        `${JSON.stringify({ time: new Date().toISOString(), level: at, ...all, msg: message })}\n`,
      );
      return;
    }
    const line = `[${stamp(new Date())}: ${at}/MainProcess] ${message}${particulars(all)}`;
    const color = hasColor ? COLORS[at] : undefined;
    write(color === undefined ? `${line}\n` : `\u001b[${String(color)}m${line}\u001b[0m\n`);
  };
  const create = (more: object): Logger => ({
    debug: say('DEBUG', more),
    info: say('INFO', more),
    warn: say('WARNING', more),
    error: say('ERROR', more),
    child: (fields) => create({ ...more, ...fields }),
  });
  return {
    logger: create({}),
    close: async () => {
      if (stream === null) return;
      stream.end();
      await finished(stream);
    },
  };
}

function stamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  const time = [two(now.getHours()), two(now.getMinutes()), two(now.getSeconds())].join(':');
  return `${day} ${time},${String(now.getMilliseconds()).padStart(3, '0')}`;
}

/** Task and id are in the text already. */
function particulars(fields: object): string {
  const shown = Object.entries(fields).filter(([key]) => key !== 'task' && key !== 'id');
  if (shown.length === 0) return '';
  return ` (${shown.map(([key, value]) => `${key}: ${textOf(value)}`).join(', ')})`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
