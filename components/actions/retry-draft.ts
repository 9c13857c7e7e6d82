import type { RetryForm, RetryPart, RetryRequest } from '@/lib/contract/control.ts';
import { parsePythonLiteral } from '@/lib/python/literal.ts';
import { isPyDict, PyTuple } from '@/lib/python/values.ts';

export const FIELDS = ['type', 'args', 'kwargs', 'queue', 'priority', 'headers'] as const;
export type FieldName = (typeof FIELDS)[number];

export type RetryDraft = Record<FieldName, string> & {
  includeLinks: boolean;
  includeChain: boolean;
  /** The person has read what is not known of the task, and sends it without. */
  withoutUnknown: boolean;
};

export type Problems = Partial<Record<FieldName | 'withoutUnknown', string>>;

/** Known as it was, or read from text that was not cut: may stand in its field. Everything else is to be filled in. */
export function isKnown(part: RetryPart): boolean {
  return (part.condition === 'exact' || part.condition === 'parsed') && part.text !== null;
}

/** Whether nobody could tell what this was, rather than that there was none. */
export function isUnknown(part: RetryPart): boolean {
  return !isKnown(part) && part.condition !== 'none';
}

export function toDraft(form: RetryForm): RetryDraft {
  const text = (part: RetryPart) => (isKnown(part) ? (part.text ?? '') : '');
  return {
    type: text(form.type),
    args: form.args.condition === 'none' ? '()' : text(form.args),
    kwargs: form.kwargs.condition === 'none' ? '{}' : text(form.kwargs),
    queue: text(form.queue),
    priority: text(form.priority),
    headers: text(form.headers),
    includeLinks: isKnown(form.links),
    includeChain: false,
    withoutUnknown: false,
  };
}

/** What nobody could tell and nobody filled in: it is not sent again, and that has to be accepted. */
export function unknownExtras(form: RetryForm, draft: RetryDraft): string[] {
  const extras: [string, RetryPart, boolean][] = [
    ['callbacks and errbacks', form.links, true],
    ['the rest of its chain', form.chain, true],
    ['time limits of its own', form.timeLimit, true],
    ['headers of its own', form.headers, draft.headers.trim() === ''],
    ['a priority of its own', form.priority, draft.priority.trim() === ''],
  ];
  return extras.filter(([, part, isEmpty]) => isEmpty && isUnknown(part)).map(([name]) => name);
}

export function checkDraft(draft: RetryDraft, form: RetryForm): Problems {
  const problems: Problems = {};
  if (draft.type.trim() === '') problems.type = 'The name of the task is needed.';
  if (draft.queue.trim() === '') problems.queue = 'Choose the queue that it is sent to.';
  const args = checkLiteral(draft.args, 'args');
  if (args !== null) problems.args = args;
  const kwargs = checkLiteral(draft.kwargs, 'kwargs');
  if (kwargs !== null) problems.kwargs = kwargs;
  if (!/^\d{0,3}$/.test(draft.priority.trim()) || Number(draft.priority) > 255) {
    problems.priority = 'A whole number from 0 to 255, or empty for the default of the queue.';
  }
  const headers = checkHeaders(draft.headers);
  if (headers !== null) problems.headers = headers;
  if (unknownExtras(form, draft).length > 0 && !draft.withoutUnknown) {
    problems.withoutUnknown = 'Please confirm that it is sent without them.';
  }
  return problems;
}

function checkLiteral(text: string, which: 'args' | 'kwargs'): string | null {
  const example = which === 'args' ? "(1, 'two')" : "{'name': 1}";
  if (text.trim() === '') {
    return which === 'args'
      ? `Fill in the arguments, such as ${example}; write () if there are none.`
      : `Fill in the keyword arguments, such as ${example}; write {} if there are none.`;
  }
  const literal = parsePythonLiteral(text);
  if (!literal.ok) return `${literal.message} (at character ${literal.position + 1}).`;
  const { value } = literal;
  const fits =
    which === 'args' ? Array.isArray(value) || value instanceof PyTuple : isPyDict(value);
  if (fits) return null;
  return which === 'args'
    ? `A tuple or a list is needed, such as ${example}.`
    : `A dict is needed, such as ${example}.`;
}

function checkHeaders(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
    return fits ? null : 'Headers are a JSON object, such as {"tenant": "a"}.';
  } catch {
    return 'This is not JSON.';
  }
}

/** What is sent. A queue other than the original's is addressed directly: the old exchange would lead elsewhere. */
export function toRequest(draft: RetryDraft, form: RetryForm): RetryRequest {
  const queue = draft.queue.trim();
  const sameQueue = isKnown(form.queue) && form.queue.text === queue;
  const filled = FIELDS.filter((name) => isUnknown(form[name]) && draft[name].trim() !== '');
  return {
    type: draft.type.trim(),
    args: draft.args,
    kwargs: draft.kwargs,
    queue,
    exchange: sameQueue && isKnown(form.exchange) ? form.exchange.text : null,
    routingKey: sameQueue && isKnown(form.routingKey) ? form.routingKey.text : null,
    priority: draft.priority.trim() === '' ? null : Number(draft.priority),
    headers: draft.headers.trim() === '' ? null : draft.headers,
    includeLinks: draft.includeLinks && isKnown(form.links),
    includeChain: draft.includeChain && isKnown(form.chain),
    filled,
  };
}
