// Where an embedded broker is that other processes reach.

/** The path in `memory:///path`; null for any other address. */
export function socketPathOf(url: string): string | null {
  return /^memory:\/\/(\/.+)$/i.exec(url)?.[1] ?? null;
}
