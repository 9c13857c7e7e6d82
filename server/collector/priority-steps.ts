// On Redis each priority step is a list of its own: lists of steps that Umbel does not know are not read. Workers tell their
// steps in their settings.
import { isPyDict } from '../../lib/python/values.ts';
import type { WorkerEntry } from './worker-book.ts';

const MAX_STEPS = 100;

/** A sentence when a worker uses steps that are not read, with what to do; null when none does, or none has told. */
export function unreadSteps(
  entries: Iterable<WorkerEntry>,
  known: readonly number[] | null,
): string | null {
  if (known === null) return null;
  for (const { facts, sections } of entries) {
    const steps = stepsIn(sections.conf.value);
    if (steps.every((step) => known.includes(step))) continue;
    const all = [...new Set([...known, ...steps])].sort((a, b) => a - b).join(',');
    return `${facts.hostname} has priority_steps ${steps.join(',')}, and only the lists of ${known.join(',')} are read: start Umbel with --priority-steps ${all}`;
  }
  return null;
}

function stepsIn(conf: unknown): number[] {
  const options = isPyDict(conf) ? conf['broker_transport_options'] : null;
  const steps = isPyDict(options) ? options['priority_steps'] : null;
  if (!Array.isArray(steps)) return [];
  return steps.slice(0, MAX_STEPS).filter((step) => Number.isInteger(step)) as number[];
}
