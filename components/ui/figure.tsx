import { durationParts } from '@/lib/format/duration.ts';
import type { ReactNode } from 'react';

/** A number with its unit set smaller and lighter. */
export function Figure({ value, unit }: { value: ReactNode; unit?: ReactNode }) {
  return (
    <span className="whitespace-nowrap tnum">
      {value}
      {unit === undefined ? null : (
        <span className="ml-[3px] text-sm font-medium tracking-normal text-ink-3">{unit}</span>
      )}
    </span>
  );
}

/** A duration whose units are set smaller: `840 ms`, `4 min 12 s`. */
export function DurationFigure({ ms }: { ms: number }) {
  return (
    <span className="whitespace-nowrap tnum">
      {durationParts(ms).map((part, index) => (
        <span key={part.unit} className={index > 0 ? 'ml-1' : undefined}>
          <Figure value={part.value} unit={part.unit} />
        </span>
      ))}
    </span>
  );
}
