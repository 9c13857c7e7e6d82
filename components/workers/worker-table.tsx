'use client';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { RowNote, Table, Th } from '@/components/ui/table.tsx';
import type { useSort } from '@/components/layout/use-sort.ts';
import { GroupRowView, WorkerRowView } from './worker-row.tsx';
import type { WorkerRow, WorkerSort } from './worker-rows.ts';

const ROW_HEIGHT = 35;
const COLUMNS = 11;
const VIRTUAL_FROM = 120;

type Props = {
  cluster: string;
  rows: readonly WorkerRow[];
  order: ReturnType<typeof useSort<WorkerSort>>;
  onToggleGroup: (pattern: string) => void;
};

/** The table of workers; only what is in view exists once there are many. */
export function WorkerTable({ cluster, rows, order, onToggleGroup }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useEffect(() => {
    const top = place.current?.getBoundingClientRect().top ?? 0;
    setMargin(top + window.scrollY + ROW_HEIGHT);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
    scrollMargin: margin,
    enabled: rows.length >= VIRTUAL_FROM,
  });
  const isVirtual = rows.length >= VIRTUAL_FROM;
  const items = virtual.getVirtualItems();
  const before = isVirtual ? (items[0]?.start ?? margin) - margin : 0;
  const after = isVirtual ? virtual.getTotalSize() - (items.at(-1)?.end ?? margin) + margin : 0;
  const shown = isVirtual
    ? items.flatMap((item) => {
        const row = rows[item.index];
        return row === undefined ? [] : [row];
      })
    : rows;
  const head = (
    key: WorkerSort,
    label: string,
    options: { right?: boolean; desk?: boolean; className?: string } = {},
  ) => (
    <Th
      {...options}
      sort={order.directionOf(key)}
      onSort={() => order.toggle(key, key !== 'hostname' && key !== 'concern')}
    >
      {label}
    </Th>
  );
  return (
    <div ref={place}>
      <Table caption="Workers" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {head('hostname', 'Worker')}
            {head('concern', 'State')}
            <Th desk>Queues</Th>
            {head('busy', 'Slots', { className: 'max-sm:hidden' })}
            {head('processed', 'Processed', { right: true, desk: true })}
            {head('rate', 'Executed /s', { right: true, desk: true })}
            {head('failed', 'Failed /s', { right: true, desk: true })}
            {head('memory', 'Memory', { right: true, desk: true })}
            <Th desk className="max-xl:hidden">
              Version
            </Th>
            {head('uptime', 'Up', { right: true, desk: true })}
            {head('seen', 'Last seen', { right: true, desk: true })}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 ? (
            <RowNote span={COLUMNS}>No worker matches the filter.</RowNote>
          ) : null}
          {before > 0 ? <Spacer height={before} /> : null}
          {shown.map((row) =>
            row.type === 'group' ? (
              <GroupRowView
                key={row.key}
                group={row.group}
                isOpen={row.isOpen}
                onToggle={() => onToggleGroup(row.group.pattern)}
              />
            ) : (
              <WorkerRowView
                key={row.key}
                cluster={cluster}
                worker={row.worker}
                isMember={row.isMember}
              />
            ),
          )}
          {after > 0 ? <Spacer height={after} /> : null}
        </tbody>
      </Table>
    </div>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  );
}
