export type Frame = {
  type: 'frame';
  file: string;
  line: string;
  name: string;
  source: string[];
  /** Of Celery, of another package or of the language itself, rather than of the application. */
  isLibrary: boolean;
};
export type TracebackPart = Frame | { type: 'header' | 'error' | 'text'; text: string };

const PYTHON = /^\s*File "(.*)", line (\d+)(?:, in (.*))?$/;
const NODE = /^\s+at (?:(.*) \()?((?:file:\/\/|node:|\/|[A-Za-z]:\\).*?):(\d+)(?::\d+)?\)?$/;
const LIBRARY =
  /[\\/](?:site-packages|dist-packages|node_modules)[\\/]|[\\/]lib(?:64)?[\\/]python\d|^node:|^<frozen /;
const HEADER =
  /^(?:Traceback \(most recent call last\):|During handling of the above|The above exception was)/;

/** Splits a traceback into its frames. What is not understood stays text, in its place. */
export function parseTraceback(text: string): TracebackPart[] {
  const parts: TracebackPart[] = [];
  let frame: Frame | null = null;
  for (const line of text.replace(/\r\n/g, '\n').replace(/\n+$/, '').split('\n')) {
    const python = PYTHON.exec(line);
    const node = python === null ? NODE.exec(line) : null;
    if (python !== null || node !== null) {
      const file = (python === null ? node?.[2] : python[1]) ?? '';
      frame = {
        type: 'frame',
        file,
        line: (python === null ? node?.[3] : python[2]) ?? '',
        name: (python === null ? node?.[1] : python[3]) ?? '',
        source: [],
        isLibrary: LIBRARY.test(file),
      };
      parts.push(frame);
    } else if (frame !== null && /^\s{4,}\S/.test(line)) {
      frame.source.push(line.slice(4));
    } else {
      frame = null;
      parts.push({ type: HEADER.test(line) ? 'header' : toKind(line), text: line });
    }
  }
  return parts;
}

function toKind(line: string): 'error' | 'text' {
  return /^[A-Za-z_][\w.]*(?::|$)/.test(line) ? 'error' : 'text';
}

export type TracebackRow = TracebackPart | { type: 'skipped'; count: number };

/** Leaves out the frames of libraries, saying how many; all of them stay when none is the application's own. */
export function ownFrames(parts: readonly TracebackPart[]): TracebackRow[] {
  if (!parts.some((part) => part.type === 'frame' && !part.isLibrary)) return [...parts];
  const rows: TracebackRow[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    if (part.type !== 'frame' || !part.isLibrary) rows.push(part);
    else if (last?.type === 'skipped')
      rows[rows.length - 1] = { type: 'skipped', count: last.count + 1 };
    else rows.push({ type: 'skipped', count: 1 });
  }
  return rows;
}

/** The name of the exception without its package: `smtplib.SMTPServerDisconnected: …` → `SMTPServerDisconnected`. */
export function exceptionName(exception: string | null): string | null {
  const match = /^([A-Za-z_][\w.]*)/.exec(exception?.trim() ?? '');
  return match?.[1]?.split('.').at(-1) ?? null;
}
