/** One line of a nested reply: `pool.max-concurrency` and its value as text. */
export type Fact = { name: string; value: string; isMasked: boolean };

const DEEPEST = 4;
const MOST = 500;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value === '' ? "''" : value;
  return JSON.stringify(value);
}

/** Flattens a reply of a worker into lines, names joined by dots. */
export function toFacts(value: Record<string, unknown>, prefix = '', depth = 0): Fact[] {
  const facts = Object.entries(value).flatMap(([key, inner]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isRecord(inner) && depth < DEEPEST && Object.keys(inner).length > 0) {
      return toFacts(inner, name, depth + 1);
    }
    const text = toText(inner);
    return [{ name, value: text, isMasked: /^\*{3,}$/.test(text) }];
  });
  return facts.slice(0, MOST);
}

/** What lies at a path of a reply; undefined where there is nothing. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

export function textAt(value: unknown, ...path: string[]): string | null {
  const found = at(value, ...path);
  return found === undefined || found === null ? null : toText(found);
}

export function numbersAt(value: unknown, ...path: string[]): [string, number][] {
  const found = at(value, ...path);
  if (!isRecord(found)) return [];
  return Object.entries(found).flatMap(([key, inner]) =>
    typeof inner === 'number' ? [[key, inner] as [string, number]] : [],
  );
}
