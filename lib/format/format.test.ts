import { describe, expect, it } from 'vitest';
import { formatBytes } from './bytes.ts';
import { formatDuration } from './duration.ts';
import { formatCompact, formatCount, formatRate, formatShare } from './number.ts';
import {
  formatClock,
  formatDateTime,
  formatRelative,
  formatShortTime,
  formatTime,
} from './time.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [0.01, '< 0.1 ms'],
    [0.42, '0.4 ms'],
    [259, '259 ms'],
    [999.6, '1.00 s'],
    [1730, '1.73 s'],
    [9_996, '10.0 s'],
    [41_200, '41.2 s'],
    [59_970, '1 min'],
    [252_000, '4 min 12 s'],
    [3_599_900, '1 h'],
    [11_100_000, '3 h 5 min'],
    [86_399_000, '1 d'],
    [187_200_000, '2 d 4 h'],
    [-1500, '−1.50 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('never writes the unknown as a number', () => {
    expect(formatDuration(null)).toBe('–');
    expect(formatDuration(Number.NaN)).toBe('–');
    expect(formatDuration(undefined, 'not started')).toBe('not started');
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [412_000_000, '412 MB'],
    [999_600_000, '1.0 GB'],
    [1_100_000_000, '1.1 GB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('says unknown', () => {
    expect(formatBytes(null, 'unknown')).toBe('unknown');
  });
});

describe('numbers', () => {
  it('groups digits', () => {
    expect(formatCount(83_311)).toBe('83,311');
    expect(formatCount(null)).toBe('–');
    expect(formatCount(0)).toBe('0');
  });

  it('shortens large counts without reaching 1000 of a unit', () => {
    expect(formatCompact(9_999)).toBe('9,999');
    expect(formatCompact(31_400)).toBe('31k');
    expect(formatCompact(999_950)).toBe('1.0M');
    expect(formatCompact(8_104_000)).toBe('8.1M');
  });

  it('writes rates and shares', () => {
    expect(formatRate(86.42)).toBe('86.4 /s');
    expect(formatRate(0.001)).toBe('< 0.01 /s');
    expect(formatRate(0)).toBe('0 /s');
    expect(formatRate(null)).toBe('–');
    expect(formatShare(0.019)).toBe('1.9 %');
    expect(formatShare(0.0001)).toBe('< 0.1 %');
    expect(formatShare(0.99999)).toBe('> 99.9 %');
    expect(formatShare(1)).toBe('100 %');
    expect(formatShare(null, 'nothing ended')).toBe('nothing ended');
  });
});

describe('times', () => {
  const at = Date.UTC(2026, 10, 22, 10, 3, 11, 42);

  it('are written in the zone that was asked for', () => {
    expect(formatTime(at, 'utc')).toBe('10:03:11');
    expect(formatTime(at, 'utc', { millis: true })).toBe('10:03:11.042');
    expect(formatClock(at, 'utc')).toBe('10:03');
    expect(formatDateTime(at, 'utc')).toBe('2026-11-22 10:03:11 UTC');
    expect(formatDateTime(at, 'local')).toMatch(/ UTC[+−]\d\d:\d\d$/);
  });

  it('carry the date when it is not today', () => {
    expect(formatShortTime(at, at + 60_000, 'utc')).toBe('10:03:11');
    expect(formatShortTime(at, at + 86_400_000, 'utc')).toBe('11-22 10:03:11');
    expect(formatShortTime(at, at + 400 * 86_400_000, 'utc')).toBe('2026-11-22 10:03:11');
  });

  it('are unknown, not 1970, when nobody told or no date can hold them', () => {
    expect(formatTime(null, 'utc')).toBe('–');
    expect(formatDateTime(1e300, 'utc', { unknown: 'never' })).toBe('never');
  });

  it('are told relative to now', () => {
    expect(formatRelative(at, at + 400)).toBe('just now');
    expect(formatRelative(at, at + 9_200)).toBe('9 s ago');
    expect(formatRelative(at, at + 150_000)).toBe('2 min ago');
    expect(formatRelative(at, at - 300_000)).toBe('in 5 min');
    expect(formatRelative(null, at)).toBe('–');
  });
});
