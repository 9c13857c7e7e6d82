import type { LivePicture } from '@/lib/contract/live.ts';
import type { z } from 'zod';
import type { TaskDetail, TaskText } from '@/lib/contract/task.ts';

/**
 * What a pushed picture makes of the data that the API gave. Lists arrive bare and take their place in the
 * envelope that is already there; without one (`undefined` is returned) the page asks the API first. A pushed
 * task does not carry what only the result backend knows: that stays.
 */
export function mergePicture(
  present: unknown,
  picture: LivePicture,
  at: { version: number; at: number },
): unknown {
  if (picture.topic === 'workers' || picture.topic === 'queues') {
    if (typeof present !== 'object' || present === null) return undefined;
    return { ...present, items: picture.data, ...at };
  }
  if (!isTask(picture)) return picture.data;
  if (picture.data === null) return undefined;
  return isSameTask(present, picture.data) ? keepReading(present, picture.data) : picture.data;
}

/**
 * An answer of the API during which a picture came: nobody can tell which of them is younger, but what changed after the picture
 * is pushed too, while what the answer takes back is not pushed again. So the picture stays.
 */
export function withPicture<T extends z.ZodType>(
  schema: T,
  fetched: z.output<T>,
  message: { version: number; at: number; picture: LivePicture } | null,
): z.output<T> {
  if (message === null) return fetched;
  const { version, at, picture } = message;
  const merged = schema.safeParse(mergePicture(fetched, picture, { version, at }));
  return merged.success ? merged.data : fetched;
}

function isTask(
  picture: LivePicture,
): picture is Extract<LivePicture, { topic: `task:${string}` }> {
  return picture.topic.startsWith('task:');
}

function isSameTask(present: unknown, next: TaskDetail): present is TaskDetail {
  return (
    typeof present === 'object' && present !== null && 'id' in present && present.id === next.id
  );
}

function keepReading(present: TaskDetail, next: TaskDetail): TaskDetail {
  const keep = (was: TaskText, is: TaskText): TaskText =>
    was.source === 'result' && was.fidelity === 'exact' && is.fidelity !== 'exact' ? was : is;
  const sameEnd = present.state === next.state && present.retries === next.retries;
  return {
    ...next,
    argsText: keep(present.argsText, next.argsText),
    kwargsText: keep(present.kwargsText, next.kwargsText),
    resultText: sameEnd ? keep(present.resultText, next.resultText) : next.resultText,
    traceback: next.traceback ?? (sameEnd ? present.traceback : null),
    resultMeta: next.resultMeta ?? (sameEnd ? present.resultMeta : null),
    progress: next.progress ?? (next.customState === present.customState ? present.progress : null),
    notes: sameEnd ? [...new Set([...next.notes, ...present.notes])] : next.notes,
  };
}
