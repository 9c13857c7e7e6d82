/** What a page does when keys are pressed outside of fields. */
export const SHORTCUTS = [
  { keys: '⌘ K', words: 'Search and commands (Ctrl K)' },
  { keys: '?', words: 'This help' },
  { keys: '/', words: 'Filter the tasks' },
  { keys: 'g o', words: 'Go to the overview' },
  { keys: 'g t', words: 'Go to tasks' },
  { keys: 'g w', words: 'Go to workers' },
  { keys: 'g q', words: 'Go to queues' },
  { keys: 'g s', words: 'Go to the schedule' },
  { keys: 'j  k', words: 'Next row, row before' },
  { keys: 'Enter', words: 'Open the row' },
  { keys: 'Escape', words: 'Close, or leave the field' },
] as const;

export const GO: Readonly<Record<string, string>> = {
  o: '',
  t: 'tasks',
  w: 'workers',
  q: 'queues',
  s: 'schedule',
};

/** A task's id as it is pasted: a UUID, also without dashes, anything around it taken off. */
export function pastedId(text: string): string | null {
  const trimmed = text.trim().replace(/^['"`[(<]+|['"`\])>,;.]+$/g, '');
  const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return dashed.test(trimmed) ? trimmed : null;
}

export type KeyFacts = {
  key: string;
  meta: boolean;
  ctrl: boolean;
  alt: boolean;
  inField: boolean;
};

export type KeyMeaning =
  | { type: 'palette' | 'help' | 'filter' | 'wait-for-page' | 'leave' | 'none' }
  | { type: 'go'; path: string }
  | { type: 'row'; step: 1 | -1 };

/** What a key means; `after` is the key before it, where that one waits for a second. */
export function meaningOf(press: KeyFacts, after: string | null): KeyMeaning {
  if ((press.meta || press.ctrl) && !press.alt && press.key.toLowerCase() === 'k') {
    return { type: 'palette' };
  }
  if (press.meta || press.ctrl || press.alt) return { type: 'none' };
  if (press.inField) return { type: 'none' };
  const page = GO[press.key];
  if (after === 'g') return page === undefined ? { type: 'none' } : { type: 'go', path: page };
  if (press.key === 'g') return { type: 'wait-for-page' };
  if (press.key === '?') return { type: 'help' };
  if (press.key === '/') return { type: 'filter' };
  if (press.key === 'j') return { type: 'row', step: 1 };
  if (press.key === 'k') return { type: 'row', step: -1 };
  return press.key === 'Escape' ? { type: 'leave' } : { type: 'none' };
}
