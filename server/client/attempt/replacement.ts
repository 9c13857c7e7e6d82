// What may take the place of a task. Mirrors the checks of celery.app.task.Task.replace.
import type { Signature } from '../../celery/signature.ts';
import { tasksOf } from '../canvas-algebra.ts';
import { ImproperlyConfigured, Replace } from '../task-errors.ts';

/** Throws Replace, or ImproperlyConfigured for what cannot take a task's place. */
export function planReplacement(signature: Signature): never {
  if (signature.subtaskType === 'chain' && tasksOf(signature).length === 0) {
    throw new ImproperlyConfigured('Cannot replace with an empty chain');
  }
  if ('chord' in signature.options) {
    throw new ImproperlyConfigured('A signature replacing a task must not be part of a chord');
  }
  throw new Replace(signature);
}
