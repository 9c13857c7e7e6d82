// Counts of durations in logarithmic classes: a quantile is right within 1 %, and adding two histograms gives the
// histogram of both. Stored sparsely: a handful of bytes for what a minute holds.
const GAMMA = 1.01 / 0.99;
const LOG_GAMMA = Math.log(GAMMA);
/** Values are milliseconds; anything below a microsecond counts as zero. */
const SMALLEST_MS = 0.001;
const LARGEST_MS = 1e13;
const ZERO_CLASS = 0;
const OFFSET = 1 - Math.ceil(Math.log(SMALLEST_MS) / LOG_GAMMA);

export type Histogram = { count: number; sum: number; classes: Map<number, number> };

export function createHistogram(): Histogram {
  return { count: 0, sum: 0, classes: new Map() };
}

export function addValue(histogram: Histogram, ms: number): void {
  const value = boundedValue(ms);
  addClassed(histogram, value, classOf(value));
}

export function boundedValue(ms: number): number {
  return Math.min(Math.max(ms, 0), LARGEST_MS);
}

/** Adds a bounded value whose class is known: one that goes into several histograms. */
export function addClassed(histogram: Histogram, value: number, index: number): void {
  histogram.count += 1;
  histogram.sum += value;
  histogram.classes.set(index, (histogram.classes.get(index) ?? 0) + 1);
}

export function mergeInto(target: Histogram, source: Histogram): void {
  target.count += source.count;
  target.sum += source.sum;
  for (const [index, n] of source.classes) {
    target.classes.set(index, (target.classes.get(index) ?? 0) + n);
  }
}

/** The value below which the share `q` of all lies; null when there is none. */
export function quantile(histogram: Histogram, q: number): number | null {
  if (histogram.count === 0) return null;
  const rank = Math.max(1, Math.ceil(q * histogram.count));
  let seen = 0;
  let last = ZERO_CLASS;
  for (const index of [...histogram.classes.keys()].sort((a, b) => a - b)) {
    seen += histogram.classes.get(index) ?? 0;
    last = index;
    if (seen >= rank) break;
  }
  return valueOf(last);
}

/** How many values lie at or below each bound (ascending, milliseconds), within the error of the classes. */
export function cumulative(histogram: Histogram, bounds: readonly number[]): number[] {
  const classes = [...histogram.classes].sort(([a], [b]) => a - b);
  let next = 0;
  let seen = 0;
  return bounds.map((bound) => {
    for (let entry = classes[next]; entry !== undefined && valueOf(entry[0]) <= bound;) {
      seen += entry[1];
      next += 1;
      entry = classes[next];
    }
    return seen;
  });
}

export function classOf(ms: number): number {
  return ms < SMALLEST_MS ? ZERO_CLASS : Math.ceil(Math.log(ms) / LOG_GAMMA) + OFFSET;
}

function valueOf(index: number): number {
  return index === ZERO_CLASS ? 0 : (2 * Math.exp(LOG_GAMMA * (index - OFFSET))) / (1 + GAMMA);
}

/** sum as a double, then (distance to the class before, count) pairs as variable-length integers; null when empty. */
export function encodeHistogram(histogram: Histogram): Buffer | null {
  if (histogram.count === 0) return null;
  const bytes: number[] = [];
  let previous = 0;
  for (const index of [...histogram.classes.keys()].sort((a, b) => a - b)) {
    pushVarint(bytes, index - previous);
    pushVarint(bytes, histogram.classes.get(index) ?? 0);
    previous = index;
  }
  const blob = Buffer.alloc(8 + bytes.length);
  blob.writeDoubleLE(histogram.sum, 0);
  blob.set(bytes, 8);
  return blob;
}

export function decodeHistogram(blob: Buffer | null): Histogram {
  const histogram = createHistogram();
  if (blob === null || blob.length < 8) return histogram;
  histogram.sum = blob.readDoubleLE(0);
  let at = 8;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; at < blob.length; factor *= 128) {
      const byte = blob[at] ?? 0;
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) break;
    }
    return value;
  };
  for (let index = 0; at < blob.length;) {
    index += read();
    const n = read();
    histogram.classes.set(index, n);
    histogram.count += n;
  }
  return histogram;
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}
