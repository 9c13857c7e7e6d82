import type { TaskState } from '../contract/task.ts';

/** A literal text, or with `wildcard` a pattern in which `*` stands for any text and `?` for one character. */
export type Pattern = { text: string; wildcard: boolean };

export const MATCH_FIELDS = [
  'name',
  'worker',
  'queue',
  'id',
  'args',
  'kwargs',
  'result',
  'exception',
  'root',
  'parent',
  'custom',
] as const;
export type MatchField = (typeof MATCH_FIELDS)[number];

export const DURATION_FIELDS = ['runtime', 'wait'] as const;
export const COUNT_FIELDS = ['retries', 'priority'] as const;
export type NumberField = (typeof DURATION_FIELDS)[number] | (typeof COUNT_FIELDS)[number];

export const TIME_FIELDS = ['sent', 'received', 'started', 'finished', 'eta', 'updated'] as const;
export type TimeField = (typeof TIME_FIELDS)[number];

export const HAS_FIELDS = [
  'worker',
  'queue',
  'args',
  'kwargs',
  'result',
  'exception',
  'runtime',
  'wait',
  'priority',
  'sent',
  'received',
  'started',
  'finished',
  'eta',
  'root',
  'parent',
  'custom',
  'retries',
] as const;
export type HasField = (typeof HAS_FIELDS)[number];

export const IS_WORDS = ['revoking', 'resent', 'unfinished', 'finished'] as const;
export type IsWord = (typeof IS_WORDS)[number];

export type Bound = { value: number; inclusive: boolean };

/** A moment: absolute (epoch ms), or so many milliseconds before the moment of asking. */
export type TimePoint = { at: number } | { agoMs: number };

export type Filter =
  | { type: 'all' }
  | { type: 'and'; terms: Filter[] }
  | { type: 'or'; terms: Filter[] }
  | { type: 'not'; term: Filter }
  /** A substring of id, name, args, kwargs, result or exception, in any case. */
  | { type: 'text'; text: string }
  | { type: 'state'; states: TaskState[] }
  /** Any of the patterns. name, worker, queue, id, root, parent, custom: the whole value; the others: a part of it. */
  | { type: 'match'; field: MatchField; patterns: Pattern[] }
  /** Durations in milliseconds. */
  | { type: 'number'; field: NumberField; min: Bound | null; max: Bound | null }
  | { type: 'time'; field: TimeField; from: TimePoint | null; to: TimePoint | null }
  | { type: 'has'; field: HasField }
  | { type: 'is'; word: IsWord };

export const MAX_FILTER_CHARS = 2000;
export const MAX_FILTER_TERMS = 64;
export const MAX_FILTER_DEPTH = 8;
