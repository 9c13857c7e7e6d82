import { UNKNOWN } from './number.ts';

export type DurationPart = { value: string; unit: string };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function pair(ms: number, big: number, bigUnit: string, small: number, smallUnit: string) {
  const total = Math.round(ms / small);
  const perBig = big / small;
  const parts: DurationPart[] = [{ value: String(Math.floor(total / perBig)), unit: bigUnit }];
  const rest = total % perBig;
  if (rest > 0) parts.push({ value: String(rest), unit: smallUnit });
  return parts;
}

/** A duration as figures with their units, for places that set the unit smaller. */
export function durationParts(ms: number): DurationPart[] {
  if (ms < 0) {
    return durationParts(-ms).map((part, index) =>
      index === 0 ? { ...part, value: `−${part.value}` } : part,
    );
  }
  if (ms === 0) return [{ value: '0', unit: 'ms' }];
  if (ms < 0.05) return [{ value: '< 0.1', unit: 'ms' }];
  if (ms < 0.95) return [{ value: ms.toFixed(1), unit: 'ms' }];
  if (ms < 999.5) return [{ value: ms.toFixed(0), unit: 'ms' }];
  if (ms < 9_995) return [{ value: (ms / SECOND).toFixed(2), unit: 's' }];
  if (ms < 59_950) return [{ value: (ms / SECOND).toFixed(1), unit: 's' }];
  if (ms < HOUR - SECOND / 2) return pair(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY - MINUTE / 2) return pair(ms, HOUR, 'h', MINUTE, 'min');
  return pair(ms, DAY, 'd', HOUR, 'h');
}

/** `259 ms`, `1.73 s`, `41.2 s`, `4 min 12 s`, `3 h 5 min`, `2 d 4 h`. */
export function formatDuration(ms: number | null | undefined, unknown: string = UNKNOWN): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return unknown;
  return durationParts(ms)
    .map((part) => `${part.value} ${part.unit}`)
    .join(' ');
}
