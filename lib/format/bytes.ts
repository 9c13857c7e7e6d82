import { UNKNOWN } from './number.ts';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `412_000_000` → `412 MB`, in steps of 1,000. */
export function formatBytes(bytes: number | null | undefined, unknown: string = UNKNOWN): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return unknown;
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 999.5 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || Math.abs(value) >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[step] ?? 'PB'}`;
}
