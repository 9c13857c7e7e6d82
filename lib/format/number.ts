/** What stands for a figure that is not known. */
export const UNKNOWN = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** `1208` → `1,208`. */
export function formatCount(value: number | null | undefined, unknown: string = UNKNOWN): string {
  return isKnown(value) ? grouped.format(value) : unknown;
}

/** `8_104_000` → `8.1M`; below ten thousand every digit is shown. */
export function formatCompact(value: number | null | undefined, unknown: string = UNKNOWN): string {
  if (!isKnown(value)) return unknown;
  const size = Math.abs(value);
  if (size < 10_000) return grouped.format(value);
  const steps = [
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
    [1e12, 'T'],
  ] as const;
  for (const [unit, letter] of steps) {
    const scaled = value / unit;
    const text = Math.abs(scaled) < 9.95 ? scaled.toFixed(1) : scaled.toFixed(0);
    if (Math.abs(Number(text)) < 1000) return `${text}${letter}`;
  }
  return value.toExponential(1);
}

/** Figures for a rate, without unit: `86.4`, `0.31`, `1,204`. */
export function formatPerSecond(
  value: number | null | undefined,
  unknown: string = UNKNOWN,
): string {
  if (!isKnown(value)) return unknown;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.01) return '< 0.01';
  if (size < 0.995) return value.toFixed(2);
  if (size < 99.95) return value.toFixed(1);
  return grouped.format(value);
}

/** `86.4` → `86.4 /s`. */
export function formatRate(value: number | null | undefined, unknown: string = UNKNOWN): string {
  return isKnown(value) ? `${formatPerSecond(value)} /s` : unknown;
}

/** A share of one: `0.019` → `1.9 %`. What is not quite nothing or all never reads as 0 or 100. */
export function formatShare(value: number | null | undefined, unknown: string = UNKNOWN): string {
  if (!isKnown(value)) return unknown;
  const percent = value * 100;
  if (percent === 0) return '0 %';
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  if (percent < 100 && percent >= 99.95) return '> 99.9 %';
  return `${Number.isInteger(percent) ? String(percent) : percent.toFixed(1)} %`;
}
