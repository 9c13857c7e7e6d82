import { TASK_STATES, type TaskState } from '@/lib/contract/task.ts';
import type { Filter } from '@/lib/filter/filter.ts';
import { parseFilter } from '@/lib/filter/parse.ts';
import { stringifyFilter } from '@/lib/filter/stringify.ts';

/** One term of a filter as it stands in the bar: `name` is shown quieter than `value`. */
export type Chip = { text: string; name: string; value: string };

type FacetField = 'state' | 'name' | 'queue' | 'worker';

function termsOf(text: string): Filter[] | null {
  const parsed = parseFilter(text);
  if (!parsed.ok) return null;
  if (parsed.filter.type === 'all') return [];
  return parsed.filter.type === 'and' ? parsed.filter.terms : [parsed.filter];
}

function toText(terms: readonly Filter[]): string {
  const [only] = terms;
  if (only === undefined) return '';
  return stringifyFilter(terms.length === 1 ? only : { type: 'and', terms: [...terms] });
}

/** The terms that are joined by "and"; null when the text cannot be read. */
export function chipsOf(text: string): Chip[] | null {
  return (
    termsOf(text)?.map((term) => {
      const whole = stringifyFilter(term);
      const named = /^-?[a-z]+:/.exec(term.type === 'or' ? '' : whole)?.[0] ?? '';
      return { text: whole, name: named, value: whole.slice(named.length) };
    }) ?? null
  );
}

export function removeChip(text: string, index: number): string {
  return toText((termsOf(text) ?? []).filter((_, at) => at !== index));
}

/** Both filters at once, whichever operators each of them has. Null when either cannot be read. */
export function addTerms(text: string, more: string): string | null {
  const present = termsOf(text);
  const added = termsOf(more);
  if (present === null || added === null) return null;
  const seen = new Set(present.map(stringifyFilter));
  return toText([...present, ...added.filter((term) => !seen.has(stringifyFilter(term)))]);
}

/** The values that a plain top-level term of this field lets through. */
export function selectedValues(text: string, field: FacetField): ReadonlySet<string> {
  const term = (termsOf(text) ?? []).find((one) => isOf(one, field));
  if (term?.type === 'state') return new Set(term.states);
  if (term?.type === 'match') return new Set(term.patterns.map((pattern) => pattern.text));
  return new Set();
}

/** Lets one more value of a field through, or one fewer; the last one taken away removes the term. */
export function toggleValue(text: string, field: FacetField, value: string): string {
  const terms = termsOf(text) ?? [];
  const values = new Set(selectedValues(text, field));
  if (!values.delete(value)) values.add(value);
  const others = terms.filter((term) => !isOf(term, field));
  if (values.size === 0) return toText(others);
  const index = terms.findIndex((term) => isOf(term, field));
  const next = others.slice();
  next.splice(index < 0 ? others.length : index, 0, termOf(field, [...values], terms[index]));
  return toText(next);
}

function isOf(term: Filter, field: FacetField): boolean {
  return field === 'state' ? term.type === 'state' : term.type === 'match' && term.field === field;
}

function termOf(field: FacetField, values: string[], before: Filter | undefined): Filter {
  if (field === 'state') {
    const states = values.filter((value): value is TaskState =>
      (TASK_STATES as readonly string[]).includes(value),
    );
    return { type: 'state', states };
  }
  const known = before?.type === 'match' ? before.patterns : [];
  const patterns = values.map(
    (text) => known.find((pattern) => pattern.text === text) ?? { text, wildcard: false },
  );
  return { type: 'match', field, patterns };
}
