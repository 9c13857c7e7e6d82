// A task's facts as text. Nearly all are plain events of the task's own worker or publisher: those become a letter and a
// few numbers each, times as microseconds since the task was first seen. Anything else makes the whole list JSON.
import type { FactSource } from '../../../lib/contract/index.ts';
import type { TaskRecord, TimelineFact } from '../task-record.ts';

const MAX_TIMELINE_CHARS = 256_000;

const LETTER: ReadonlyMap<string, string> = new Map([
  ['task-sent', 's'],
  ['task-received', 'r'],
  ['task-started', 'a'],
  ['task-succeeded', 'k'],
  ['task-failed', 'f'],
  ['task-retried', 't'],
  ['task-revoked', 'v'],
  ['task-rejected', 'j'],
]);
const TYPE: ReadonlyMap<string, string> = new Map(
  [...LETTER].map(([type, letter]) => [letter, type]),
);

type StoredFact = [
  at: number,
  type: string,
  hostname: string | null | 0,
  clock: number | null,
  pid: number | null,
  source: FactSource | 0,
  fields?: Record<string, unknown>,
];

/** The facts of a record; `decodeTimeline` needs its worker, publisher and first time again. */
export function encodeTimeline(record: TaskRecord): string {
  return compact(record) ?? asJson(record);
}

export function decodeTimeline(
  text: string | null,
  of: { worker: string | null; sentBy: string | null; firstSeenAt: number },
): TimelineFact[] {
  if (text === null || text === '') return [];
  return text.startsWith('[') ? fromJson(text, of.worker) : fromCompact(text, of);
}

function compact(record: TaskRecord): string | null {
  const { worker, sentBy, firstSeenAt } = record;
  if (!Number.isSafeInteger(firstSeenAt)) return null;
  const base = firstSeenAt * 1000;
  let text = '';
  for (const fact of record.timeline) {
    if (fact.fields !== null || fact.source !== 'event') return null;
    const letter = LETTER.get(fact.type);
    const micros = Math.round(fact.at * 1000);
    if (letter === undefined || micros / 1000 !== fact.at) return null;
    let end = '';
    if (fact.hostname === null) end = '-';
    else if (fact.hostname !== worker) {
      if (fact.hostname !== sentBy) return null;
      end = '^';
    }
    text += `${text === '' ? '' : ';'}${letter}${micros - base},${fact.clock ?? ''},${fact.pid ?? ''}${end}`;
  }
  return text;
}

function fromCompact(
  text: string,
  {
    worker,
    sentBy,
    firstSeenAt,
  }: { worker: string | null; sentBy: string | null; firstSeenAt: number },
): TimelineFact[] {
  const base = firstSeenAt * 1000;
  return text.split(';').map((part) => {
    const [time = '', clock = '', rest = ''] = part.split(',');
    const end = rest.at(-1);
    const pid = end === '-' || end === '^' ? rest.slice(0, -1) : rest;
    return {
      at: (base + Number(time.slice(1))) / 1000,
      type: TYPE.get(time.charAt(0)) ?? '',
      hostname: end === '-' ? null : end === '^' ? sentBy : worker,
      clock: clock === '' ? null : Number(clock),
      pid: pid === '' ? null : Number(pid),
      source: 'event',
      fields: null,
    };
  });
}

/** The worker's own name and events as the source, by far the most frequent, are written as 0. */
function asJson(record: TaskRecord): string {
  const facts = record.timeline.map((fact): StoredFact => {
    const stored: StoredFact = [
      fact.at,
      fact.type,
      fact.hostname !== null && fact.hostname === record.worker ? 0 : fact.hostname,
      fact.clock,
      fact.pid,
      fact.source === 'event' ? 0 : fact.source,
    ];
    if (fact.fields !== null) stored.push(fact.fields);
    return stored;
  });
  const text = jsonOrNull(facts);
  if (text !== null && text.length <= MAX_TIMELINE_CHARS) return text;
  return JSON.stringify(facts.map((fact) => fact.slice(0, 6)));
}

/** Whatever a fact carries, it must not keep the other tasks of a commit from being written. */
function jsonOrNull(facts: readonly StoredFact[]): string | null {
  try {
    return JSON.stringify(facts);
  } catch {
    return null;
  }
}

function fromJson(text: string, worker: string | null): TimelineFact[] {
  return (JSON.parse(text) as StoredFact[]).map((fact) => ({
    at: fact[0],
    type: fact[1],
    hostname: fact[2] === 0 ? worker : fact[2],
    clock: fact[3],
    pid: fact[4],
    source: fact[5] === 0 ? 'event' : fact[5],
    fields: fact[6] ?? null,
  }));
}
