'use client';
import { Select } from '@/components/ui/select.tsx';
import { isChartRange, RANGE_OPTIONS, useRange } from './use-range.ts';

export function RangeSelect({ className }: { className?: string }) {
  const [range, setRange] = useRange();
  return (
    <Select
      label="Time range"
      value={range}
      onValueChange={(next) => {
        if (isChartRange(next)) setRange(next);
      }}
      options={RANGE_OPTIONS}
      {...(className === undefined ? {} : { className })}
    />
  );
}
