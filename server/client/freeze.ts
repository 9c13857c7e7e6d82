// What has to be settled in a canvas before its first message leaves: its steps, their ids, and the place of its last tasks in
// the chord around it. Builds data only. Mirrors prepare_steps, freeze and _descend of celery.canvas.
import { randomUUID } from 'node:crypto';
import type { PyDict } from '../../lib/python/values.ts';
import { createSignature, encodeSignature, type Signature } from '../celery/signature.ts';
import { bodyOf, chordOf, errorLinked, groupOf, signaturesOf, tasksOf } from './canvas-algebra.ts';
import type { ResultTuple } from '../celery/result-tuple.ts';

/** Chains inside are unfolded, a group of one is its task, and a group that something follows becomes a chord with it. */
export function chainSteps(chain: Signature): Signature[] {
  const flat = flatChain(chain).map(unrolled);
  const full = flat.filter((step) => !isEmptyGroup(step));
  const steps: Signature[] = [];
  for (const task of (full.length > 0 ? full : flat.slice(-1)).reverse()) {
    const after = steps[0];
    if (task.subtaskType === 'group' && after !== undefined) steps[0] = chordOf(task, after);
    else steps.unshift(task);
  }
  return steps;
}

function flatChain(chain: Signature): Signature[] {
  return tasksOf(chain).flatMap((task) =>
    task.subtaskType === 'chain' ? flatChain(task) : [task],
  );
}

function isEmptyGroup(sig: Signature): boolean {
  return sig.subtaskType === 'group' && tasksOf(sig).length === 0;
}

function unrolled(sig: Signature): Signature {
  if (sig.subtaskType !== 'group') return sig;
  const [only, ...more] = tasksOf(sig);
  return only === undefined || more.length > 0 ? sig : only;
}

export function flatGroup(tasks: Signature[]): Signature[] {
  return tasks.flatMap((task) => {
    if (task.subtaskType === 'group') return flatGroup(tasksOf(task));
    return task.subtaskType === 'chain' && flatChain(task).length === 0 ? [] : [task];
  });
}

/** How many tasks of these report to the chord that they are the header of. */
export function chordSize(tasks: readonly Signature[]): number {
  return tasks.reduce((total, task) => total + reporting(task), 0);
}

function reporting(sig: Signature): number {
  if (sig.subtaskType === 'group') return chordSize(tasksOf(sig));
  if (sig.subtaskType === 'chord') return reporting(bodyOf(sig));
  if (sig.subtaskType !== 'chain') return 1;
  for (const step of chainSteps(sig).reverse()) {
    const count = reporting(step);
    if (count > 0) return count;
  }
  return 0;
}

export type Place = {
  taskId: string | undefined;
  groupId: string | undefined;
  groupIndex: number | undefined;
  chord: Signature | undefined;
};

/** The canvas with what its last task, or its last tasks, have to know. */
export function finishing(sig: Signature, place: Place): Signature {
  switch (sig.subtaskType) {
    case 'chord': {
      const body = encodeSignature(finishing(bodyOf(sig), place));
      return { ...sig, kwargs: { ...sig.kwargs, body } };
    }
    case 'chain': {
      const steps = chainSteps(sig);
      const last = steps.at(-1);
      if (last === undefined) return sig;
      const tasks = [...steps.slice(0, -1), finishing(last, place)].map(encodeSignature);
      return { ...sig, kwargs: { ...sig.kwargs, tasks } };
    }
    case 'group': {
      const { taskId, ...outer } = place;
      const own: PyDict = { ...sig.options };
      if (own['task_id'] === undefined && taskId !== undefined) own['task_id'] = taskId;
      if (place.chord === undefined) return { ...sig, options: own };
      const members = flatGroup(tasksOf(sig)).map((task, index) =>
        finishing(task, { ...outer, groupIndex: index, taskId: undefined }),
      );
      return { ...groupOf(members), options: own };
    }
    default: {
      const options: PyDict = { ...sig.options };
      if (options['task_id'] === undefined && place.taskId !== undefined) {
        options['task_id'] = place.taskId;
      }
      if (place.groupId !== undefined) options['group_id'] = place.groupId;
      if (place.groupIndex !== undefined) options['group_index'] = place.groupIndex;
      if (place.chord !== undefined) options['chord'] = encodeSignature(place.chord);
      return { ...sig, options };
    }
  }
}

/** The canvas with an id for its result, and the members of it when it is a group. */
export function identified(sig: Signature): {
  sig: Signature;
  id: string;
  members: ResultTuple[] | null;
} {
  if (sig.subtaskType === 'chord') {
    const body = identified(bodyOf(sig));
    const kwargs = { ...sig.kwargs, body: encodeSignature(body.sig) };
    return { ...body, sig: { ...sig, kwargs } };
  }
  if (sig.subtaskType === 'chain') {
    const steps = chainSteps(sig);
    const last = steps.pop();
    if (last !== undefined) {
      const end = identified(last);
      const tasks = [...steps, end.sig].map(encodeSignature);
      return { ...end, sig: { ...sig, kwargs: { ...sig.kwargs, tasks } } };
    }
  }
  const { task_id: given } = sig.options;
  const id = typeof given === 'string' ? given : randomUUID();
  const options = { ...sig.options, task_id: id };
  if (sig.subtaskType !== 'group') return { sig: { ...sig, options }, id, members: null };
  const members = flatGroup(tasksOf(sig)).map(identified);
  return {
    sig: { ...groupOf(members.map((member) => member.sig)), options },
    id,
    members: members.map((member) => ({ id: member.id, parent: null, children: member.members })),
  };
}

export function chunksAsGroup(sig: Signature): Signature {
  const { task, it, n } = sig.kwargs;
  const items = Array.isArray(it) ? it : [];
  const size = typeof n === 'number' && n > 0 ? n : 1;
  const tasks: Signature[] = [];
  for (let at = 0; at < items.length; at += size) {
    const kwargs = { task: task ?? null, it: items.slice(at, at + size) };
    tasks.push(createSignature('celery.starmap', { kwargs, immutable: true }));
  }
  return { ...groupOf(tasks), options: sig.options };
}

/** The tasks whose results are the result of a canvas; errbacks of a chain around them are theirs. */
export function lastOf(sig: Signature): Signature[] {
  if (sig.subtaskType === 'chord') return lastOf(bodyOf(sig));
  if (sig.subtaskType === 'group') return flatGroup(tasksOf(sig)).flatMap(lastOf);
  if (sig.subtaskType !== 'chain') return [sig];
  const last = chainSteps(sig).at(-1);
  if (last === undefined) return [];
  const errbacks = signaturesOf(sig.options['link_error']);
  return lastOf(errbacks.reduce(errorLinked, last));
}
