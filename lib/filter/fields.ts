import { TASK_STATES, type TaskState } from '../contract/task.ts';
import {
  COUNT_FIELDS,
  DURATION_FIELDS,
  HAS_FIELDS,
  IS_WORDS,
  MATCH_FIELDS,
  TIME_FIELDS,
} from './filter.ts';

export type FieldKind = 'state' | 'text' | 'duration' | 'count' | 'time' | 'has' | 'is';
export type FilterField = { name: string; description: string; kind: FieldKind };

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  state: 'Where the task stands: queued, started, failure …',
  name: 'The registered task name; * stands for any text',
  worker: 'The worker that has it, as celery@host',
  queue: 'The queue it went through',
  id: 'The id of the task',
  args: 'A part of the positional arguments',
  kwargs: 'A part of the keyword arguments',
  result: 'A part of the result',
  exception: 'A part of the exception',
  root: 'The id of the first task of its workflow',
  parent: 'The id of the task that sent it',
  custom: 'A state of the application, e.g. PROGRESS',
  runtime: 'How long it ran: >5s, <=200ms, 1s..5s',
  wait: 'How long it waited before it started',
  retries: 'How often it was retried: >=2',
  priority: 'The priority of its message',
  sent: 'When it was sent: <10m is less than ten minutes ago',
  received: 'When a worker received it',
  started: 'When it started',
  finished: 'When it ended',
  eta: 'Not to be started before',
  updated: 'When the last fact about it arrived',
  has: 'What must be known of it: has:exception',
  is: 'revoking, resent (by Retry), unfinished or finished',
};

function fieldsOf(names: readonly string[], kind: FieldKind): FilterField[] {
  return names.map((name) => ({ name, description: DESCRIPTIONS[name] ?? name, kind }));
}

export const FILTER_FIELDS: readonly FilterField[] = [
  ...fieldsOf(['state'], 'state'),
  ...fieldsOf(MATCH_FIELDS, 'text'),
  ...fieldsOf(DURATION_FIELDS, 'duration'),
  ...fieldsOf(COUNT_FIELDS, 'count'),
  ...fieldsOf(TIME_FIELDS, 'time'),
  ...fieldsOf(['has'], 'has'),
  ...fieldsOf(['is'], 'is'),
];

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['type', 'name'],
  ['task', 'name'],
  ['hostname', 'worker'],
  ['uuid', 'id'],
]);
const BY_NAME: ReadonlyMap<string, FilterField> = new Map(
  FILTER_FIELDS.map((field) => [field.name, field]),
);

/** The field of this name or alias, in any case. */
export function findField(name: string): FilterField | null {
  const lower = name.toLowerCase();
  return BY_NAME.get(ALIASES.get(lower) ?? lower) ?? null;
}

const STATE_WORDS: ReadonlyMap<string, readonly TaskState[]> = new Map<
  string,
  readonly TaskState[]
>([
  ...TASK_STATES.map((state): [string, TaskState[]] => [state, [state]]),
  ['pending', ['queued']],
  ['waiting', ['queued']],
  ['sent', ['queued']],
  ['eta', ['scheduled']],
  ['running', ['started']],
  ['active', ['started']],
  ['succeeded', ['success']],
  ['failed', ['failure']],
  ['retried', ['retry']],
  ['retrying', ['retry']],
]);

/** The states that a word names: ours, Celery's upper-case names, or the verbs of events. RECEIVED includes scheduled. */
export function statesOf(word: string): readonly TaskState[] | null {
  if (word === 'RECEIVED') return ['received', 'scheduled'];
  return STATE_WORDS.get(word.toLowerCase()) ?? null;
}

/** The words that complete a value of these fields; empty where the store knows them. */
export function fixedValues(field: string): readonly string[] {
  if (field === 'state') return TASK_STATES;
  if (field === 'has') return HAS_FIELDS;
  return field === 'is' ? IS_WORDS : [];
}
