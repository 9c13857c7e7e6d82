// The order of a task's facts. Facts of one process keep the order in which it sent them; across processes the sender's
// time decides (clocks of clients and pool processes are not comparable), so that the order of arrival does not matter.
import type { TaskRecord, TimelineFact } from '../store/task-record.ts';
import { MAX_TIMELINE } from '../store/task-record.ts';

const KEPT_AT_START = 20;
const STEP_MS = 0.001;

/** Where equal times meet: what normally comes first. */
const RANK: Readonly<Record<string, number>> = {
  'task-sent': 0,
  'task-received': 1,
  'task-started': 2,
  'task-retried': 4,
  'task-succeeded': 5,
  'task-failed': 5,
};

function rankOf(type: string): number {
  return RANK[type] ?? 3;
}

function isAfter(a: TimelineFact, b: TimelineFact): boolean {
  if (a.at !== b.at) return a.at > b.at;
  const byRank = rankOf(a.type) - rankOf(b.type);
  if (byRank !== 0) return byRank > 0;
  return (a.hostname ?? '') > (b.hostname ?? '');
}

/**
 * Puts a fact in its place and answers with its index; -1 when it is there already. A process that sends two facts with
 * one time, or whose clock stepped back, keeps its order: the later one is moved by microseconds.
 */
export function insertFact(record: TaskRecord, fact: TimelineFact): number {
  const facts = record.timeline;
  const { length } = facts;
  const last = facts[length - 1];
  if (last === undefined || fact.at > last.at) {
    facts.push(fact);
    return trim(record, length);
  }
  for (const other of facts) {
    if (other.hostname !== fact.hostname || other.pid !== fact.pid) continue;
    if (isDuplicate(other, fact)) return -1;
    if (other.at >= fact.at && other.source === fact.source) fact.at = other.at + STEP_MS;
  }
  let index = length;
  while (index > 0) {
    const before = facts[index - 1];
    if (before === undefined || !isAfter(before, fact)) break;
    index -= 1;
  }
  facts.splice(index, 0, fact);
  return trim(record, index);
}

function isDuplicate(a: TimelineFact, b: TimelineFact): boolean {
  if (a.type !== b.type) return false;
  if (a.clock === null || b.clock === null) return a.at === b.at && a.clock === b.clock;
  return a.clock === b.clock && Math.abs(a.at - b.at) < 1;
}

/** Of a task with very many facts the first ones and the latest stay; custom events go first. */
function trim(record: TaskRecord, index: number): number {
  const facts = record.timeline;
  if (facts.length <= MAX_TIMELINE) return index;
  let drop = facts.findIndex((fact, at) => at >= KEPT_AT_START && !(fact.type in RANK));
  if (drop === -1 || drop === index) drop = KEPT_AT_START === index ? index + 1 : KEPT_AT_START;
  facts.splice(drop, 1);
  record.timelineDropped += 1;
  return drop < index ? index - 1 : index;
}
