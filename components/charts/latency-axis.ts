// The scale of a chart of durations. Percentiles lie decades apart where tasks of different kinds run: on a linear scale the highest alone would be
// seen, and the rest lie on the ground.

export type LatencyAxis = {
  /** Null: linear, from 0. */
  log: { domain: [number, number]; ticks: number[] } | null;
  /** Where a value is drawn; a logarithmic scale has no zero. */
  place: (ms: number | null) => number | null;
};

/** From so much between the smallest and the largest value on, the scale is logarithmic. */
const FAR_APART = 30;
/** What is shorter is drawn there: clocks of workers do not tell less. */
const LEAST_MS = 0.1;
const MOST_TICKS = 5;

export function latencyAxis(values: readonly (number | null)[]): LatencyAxis {
  const known = values.filter((value) => value !== null).map((ms) => Math.max(ms, LEAST_MS));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (known.length === 0 || high / low < FAR_APART) return { log: null, place: (ms) => ms };
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const step = Math.ceil((last - first + 1) / MOST_TICKS);
  const ticks: number[] = [];
  for (let power = first; power <= last; power += step) ticks.push(Number(`1e${String(power)}`));
  const least = Number(`1e${String(first)}`);
  return {
    log: { domain: [least, Number(`1e${String(last)}`)], ticks },
    place: (ms) => (ms === null ? null : Math.max(ms, least)),
  };
}
