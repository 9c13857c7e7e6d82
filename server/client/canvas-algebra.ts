// How signatures join: Celery's `|`, and the rules by which a group before a task becomes a chord and a step after a chord
// becomes part of its body. Builds data only. Mirrors celery.canvas (_merge_chain_step, __or__).
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import {
  createSignature,
  decodeSignature,
  encodeSignature,
  type Signature,
} from '../celery/signature.ts';
import { AppError } from '../core/errors.ts';

export function canvasOf(type: 'chain' | 'group' | 'chord', kwargs: PyDict): Signature {
  return createSignature(`celery.${type}`, { kwargs, subtaskType: type });
}

export function chainOf(tasks: readonly Signature[]): Signature {
  return canvasOf('chain', { tasks: tasks.map(encodeSignature) });
}

export function groupOf(tasks: readonly Signature[]): Signature {
  return canvasOf('group', { tasks: tasks.map(encodeSignature) });
}

export function chordOf(header: readonly Signature[] | Signature, body: Signature): Signature {
  const tasks = isList(header) ? header : membersOf(header);
  return canvasOf('chord', {
    header: tasks.map(encodeSignature),
    body: encodeSignature(body),
    kwargs: {},
  });
}

function isList(value: readonly Signature[] | Signature): value is readonly Signature[] {
  return Array.isArray(value);
}

/** Of a group or chain its tasks, of anything else itself. */
function membersOf(sig: Signature): Signature[] {
  return sig.subtaskType === 'group' || sig.subtaskType === 'chain' ? tasksOf(sig) : [sig];
}

export function tasksOf(sig: Signature): Signature[] {
  return signaturesOf(sig.kwargs['tasks']);
}

export function headerOf(sig: Signature): Signature[] {
  const { header } = sig.kwargs;
  return Array.isArray(header) ? signaturesOf(header) : membersOf(readSignature(header));
}

export function bodyOf(sig: Signature): Signature {
  return readSignature(sig.kwargs['body']);
}

/** Throws AppError bad_request when the value is no signature. */
export function readSignature(value: unknown): Signature {
  const decoded = decodeSignature(value);
  if (!decoded.ok) throw new AppError('bad_request', decoded.message);
  return decoded.value;
}

/** Of an option that may be absent, one or a list. */
export function signaturesOf(value: PyValue | undefined): Signature[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(readSignature);
}

/** `left | right` */
export function join(left: Signature, right: Signature): Signature {
  if (left.subtaskType === 'group') return isEmptyGroup(right) ? left : chordOf(left, right);
  if (left.subtaskType === 'chord' && right.subtaskType !== 'chain') {
    const other = right.subtaskType === 'group' ? unrolled(right) : right;
    if (other.subtaskType !== 'group') return withBody(left, join(bodyOf(left), other));
  }
  return fold([left, right]);
}

/** `chain(…)` of signatures: what all the `|` between them come to. */
export function fold(tasks: readonly Signature[]): Signature {
  const steps: Signature[] = [];
  for (const [index, task] of tasks.entries()) {
    const whole = addStep(steps, task);
    if (whole !== null) return tasks.slice(index + 1).reduce(join, whole);
  }
  return chainOf(steps);
}

/** Adds to the steps of a chain; a group that comes first is no chain, and answered. */
function addStep(steps: Signature[], given: Signature): Signature | null {
  if (isEmptyGroup(given)) return null;
  const task = given.subtaskType === 'group' ? unrolled(given) : given;
  if (task.subtaskType === 'chain') {
    const inner = unchained(task);
    for (const [index, step] of inner.entries()) {
      const whole = addStep(steps, step);
      if (whole !== null) return inner.slice(index + 1).reduce(join, whole);
    }
    return null;
  }
  const last = steps.at(-1);
  if (last === undefined) {
    if (task.subtaskType === 'group') return task;
    steps.push(task);
  } else if (last.subtaskType === 'group' && task.subtaskType !== 'group') {
    steps[steps.length - 1] = chordOf(last, task);
  } else if (last.subtaskType === 'chord' && task.subtaskType !== 'chord') {
    steps[steps.length - 1] = withBody(last, join(bodyOf(last), task));
  } else steps.push(task);
  return null;
}

function isEmptyGroup(sig: Signature): boolean {
  return sig.subtaskType === 'group' && tasksOf(sig).length === 0;
}

function unrolled(group: Signature): Signature {
  const [only, ...more] = tasksOf(group);
  return only === undefined || more.length > 0 ? group : only;
}

function withBody(chord: Signature, body: Signature): Signature {
  return { ...chord, kwargs: { ...chord.kwargs, body: encodeSignature(body) } };
}

/** The steps of a chain, with the links of the chain itself: callbacks on the last, errbacks on all. */
function unchained(chain: Signature): Signature[] {
  const steps = tasksOf(chain);
  const { link, link_error: linkError } = chain.options;
  return steps.map((step, index) => {
    const withErrors = addLinks(step, 'link_error', signaturesOf(linkError));
    return index === steps.length - 1
      ? addLinks(withErrors, 'link', signaturesOf(link))
      : withErrors;
  });
}

function addLinks(
  sig: Signature,
  key: 'link' | 'link_error',
  links: readonly Signature[],
): Signature {
  if (links.length === 0) return sig;
  const all = [...signaturesOf(sig.options[key]), ...links].map(encodeSignature);
  return { ...sig, options: { ...sig.options, [key]: all } };
}

/** `sig.link(callback)`: on a group the first task calls it, immutably; on a chord the body does. */
export function linked(sig: Signature, callback: Signature): Signature {
  if (sig.subtaskType === 'group') {
    const [first, ...rest] = tasksOf(sig);
    if (first === undefined) return sig;
    return {
      ...sig,
      kwargs: {
        tasks: [linked(first, { ...callback, immutable: true }), ...rest].map(encodeSignature),
      },
    };
  }
  if (sig.subtaskType === 'chord') return withBody(sig, linked(bodyOf(sig), callback));
  return addLinks(sig, 'link', [callback]);
}

/** `sig.link_error(errback)`: on a group each task calls it, on a chord the body does. */
export function errorLinked(sig: Signature, errback: Signature): Signature {
  if (sig.subtaskType === 'group') {
    const tasks = tasksOf(sig).map((task) => encodeSignature(errorLinked(task, errback)));
    return { ...sig, kwargs: { tasks } };
  }
  if (sig.subtaskType === 'chord') return withBody(sig, errorLinked(bodyOf(sig), errback));
  return addLinks(sig, 'link_error', [errback]);
}

/** Stamps of each signature, down to the links. */
export function stamped(sig: Signature, stampsOf: (sig: Signature) => PyDict): Signature {
  const inner = (one: Signature) => encodeSignature(stamped(one, stampsOf));
  const kwargs = { ...sig.kwargs };
  const type = sig.subtaskType;
  if (type === 'chain' || type === 'group') kwargs['tasks'] = tasksOf(sig).map(inner);
  if (type === 'chord') {
    kwargs['header'] = headerOf(sig).map(inner);
    kwargs['body'] = inner(bodyOf(sig));
  }
  const options = { ...sig.options };
  for (const key of ['link', 'link_error']) {
    const links = signaturesOf(options[key]);
    if (links.length > 0) options[key] = links.map(inner);
  }
  if (type === null) {
    const stamps = stampsOf(sig);
    const had = options['stamped_headers'];
    Object.assign(options, stamps);
    const names = [...(Array.isArray(had) ? had : []), ...Object.keys(stamps)];
    options['stamped_headers'] = [...new Set(names)];
  }
  return { ...sig, kwargs, options };
}
