'use client';

import type { ReactNode } from 'react';
import { cn } from '@/components/ui/cn.ts';
import { StateLabel } from '@/components/ui/state-label.tsx';
import { Skeleton } from '@/components/ui/states.tsx';
import type { TaskFacets } from '@/lib/contract/api.ts';
import { formatCompact } from '@/lib/format/number.ts';
import { shortHostname } from './columns.ts';
import { selectedValues, toggleValue } from './filter-terms.ts';

type Field = 'state' | 'name' | 'queue' | 'worker';

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={title} className="mb-3.5">
      <h2 className="px-2 pb-1 text-xs font-normal text-ink-3">{title}</h2>
      {children}
    </div>
  );
}

function Facet({
  isOn,
  count,
  onToggle,
  children,
}: {
  isOn: boolean;
  count: number;
  onToggle: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onToggle}
      className={cn(
        'flex w-full items-center justify-between gap-2 rounded-[5px] px-2 py-[3px] text-left hover:bg-raised',
        isOn ? 'bg-raised font-medium text-ink' : 'text-ink-2',
      )}
    >
      <span className="min-w-0 truncate">{children}</span>
      <span className="text-ink-3 tnum">{formatCompact(count)}</span>
    </button>
  );
}

/** How many of the matching tasks have which state, type, queue, worker; each a switch of the filter. */
export function Facets({
  facets,
  isMissing,
  q,
  onChange,
}: {
  facets: TaskFacets | undefined;
  /** They cannot be had: nothing is on its way. */
  isMissing: boolean;
  q: string;
  onChange: (q: string) => void;
}) {
  if (facets === undefined) {
    return (
      <aside aria-label="Counts" className="grid content-start gap-3 pt-1 max-lg:hidden">
        {Array.from({ length: isMissing ? 0 : 8 }, (_, index) => (
          <Skeleton key={index} className="h-3 w-3/4" />
        ))}
      </aside>
    );
  }
  const lists: [string, Field, { value: string; count: number }[]][] = [
    ['Type', 'name', facets.types],
    ['Queue', 'queue', facets.queues],
    ['Worker', 'worker', facets.workers],
  ];
  const states = selectedValues(q, 'state');
  return (
    <aside aria-label="Counts" className="max-lg:hidden">
      {facets.states.length === 0 ? null : (
        <Group title="State">
          {facets.states.map(({ value, count }) => (
            <Facet
              key={value}
              isOn={states.has(value)}
              count={count}
              onToggle={() => onChange(toggleValue(q, 'state', value))}
            >
              <StateLabel state={value} />
            </Facet>
          ))}
        </Group>
      )}
      {lists.map(([title, field, values]) => {
        const selected = selectedValues(q, field);
        return values.length === 0 ? null : (
          <Group key={field} title={title}>
            {values.slice(0, 10).map(({ value, count }) => (
              <Facet
                key={value}
                isOn={selected.has(value)}
                count={count}
                onToggle={() => onChange(toggleValue(q, field, value))}
              >
                <span title={value}>{field === 'worker' ? shortHostname(value) : value}</span>
              </Facet>
            ))}
          </Group>
        );
      })}
      {facets.exact ? null : (
        <p className="px-2 text-xs text-ink-3">Counted over the newest part only.</p>
      )}
    </aside>
  );
}
