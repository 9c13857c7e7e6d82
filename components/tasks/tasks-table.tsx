'use client';

import {
  createColumnHelper,
  getCoreRowModel,
  useReactTable,
  type RowSelectionState,
} from '@tanstack/react-table';
import type { MouseEvent } from 'react';
import { useGo } from '@/components/live/use-go.ts';
import { taskPath } from '@/components/live/paths.ts';
import { cn } from '@/components/ui/cn.ts';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { Checkbox } from '@/components/ui/toggle.tsx';
import type { TaskSummary } from '@/lib/contract/task.ts';
import { Cell } from './cells.tsx';
import { COLUMN_IDS, COLUMNS, LEAST_WIDTH, sortedColumn, type ColumnId } from './columns.ts';
import { useColumnWidth } from './use-column-width.ts';

const helper = createColumnHelper<TaskSummary>();
const columns = COLUMN_IDS.map((id) => helper.display({ id }));

const CHECK_WIDTH = 40;

const toId = (id: string): ColumnId => COLUMN_IDS.find((one) => one === id) ?? 'id';

export function TasksTable({
  cluster,
  tasks,
  sort,
  onSort,
  visibility,
  canSelect,
  selection,
  onSelect,
  onReading,
  isChanging,
}: {
  cluster: string;
  tasks: readonly TaskSummary[];
  sort: string;
  onSort: (sort: string) => void;
  visibility: Readonly<Record<string, boolean>>;
  canSelect: boolean;
  selection: RowSelectionState;
  onSelect: (next: RowSelectionState) => void;
  /** Whether the pointer or the focus is among the rows: they must not move then. */
  onReading: (isReading: boolean) => void;
  isChanging: boolean;
}) {
  const go = useGo();
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoized by the compiler
  const table = useReactTable({
    data: tasks as TaskSummary[],
    columns,
    getRowId: (task) => task.id,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    enableRowSelection: canSelect,
    onRowSelectionChange: (next) => onSelect(typeof next === 'function' ? next(selection) : next),
    state: {
      columnVisibility: withSorted(visibility, sort),
      rowSelection: selection,
    },
  });
  const longestMs = Math.max(0, ...tasks.map((task) => task.runtimeMs ?? 0));
  const sorted = sortedColumn(sort);
  // On a phone there is room for one column of figures: what the rows are sorted by, else when they started.
  const phone = sorted !== null && COLUMNS[sorted].right === true ? sorted : 'started';
  const isOnPhone = (id: ColumnId) => COLUMNS[id].phone === true || id === phone;
  const widthOf = useColumnWidth(tasks);
  const shown = table.getVisibleLeafColumns().map((column) => toId(column.id));
  const leastWidth = shown.reduce((sum, id) => sum + (widthOf(id) ?? LEAST_WIDTH), CHECK_WIDTH);
  const open = (event: MouseEvent, id: string) => {
    if (event.target instanceof Element && event.target.closest('a,button,input') !== null) return;
    if (window.getSelection()?.toString() !== '') return;
    go(taskPath(cluster, id));
  };
  return (
    <div
      onPointerEnter={() => onReading(true)}
      onPointerLeave={() => onReading(false)}
      onFocus={() => onReading(true)}
      onBlur={() => onReading(false)}
      className={cn(isChanging && 'opacity-60')}
      aria-busy={isChanging}
    >
      <Table
        caption="Tasks"
        className="table-fixed md:min-w-(--least-width)"
        style={{ ['--least-width' as string]: `${leastWidth}px` }}
      >
        <thead>
          <tr>
            {canSelect ? (
              <Th desk style={{ width: CHECK_WIDTH }}>
                <Checkbox
                  className="align-middle"
                  aria-label="Select all rows of this page"
                  checked={
                    table.getIsAllRowsSelected()
                      ? true
                      : table.getIsSomeRowsSelected()
                        ? 'indeterminate'
                        : false
                  }
                  onCheckedChange={(next) => table.toggleAllRowsSelected(next === true)}
                />
              </Th>
            ) : null}
            {shown.map((id) => {
              const look = COLUMNS[id];
              const by = look.sort;
              return (
                <Th
                  key={id}
                  right={look.right}
                  desk={!isOnPhone(id)}
                  style={{ width: widthOf(id) }}
                  className={cn(
                    id === 'runtime' && 'md:[&>button]:mr-12',
                    id === 'type' && 'md:w-[18%]',
                  )}
                  {...(by === undefined
                    ? {}
                    : {
                        sort: sort === by ? 'asc' : sort === `-${by}` ? 'desc' : null,
                        onSort: () => onSort(sort === `-${by}` ? by : `-${by}`),
                      })}
                >
                  {look.title}
                </Th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <Tr
              key={row.id}
              {...(canSelect ? { selected: row.getIsSelected() } : {})}
              onClick={(event) => open(event, row.id)}
              className="cursor-pointer"
            >
              {canSelect ? (
                <Td desk>
                  <Checkbox
                    className="align-middle"
                    aria-label={`Select ${row.original.type ?? 'task'} ${row.id}`}
                    checked={row.getIsSelected()}
                    onCheckedChange={(next) => row.toggleSelected(next === true)}
                  />
                </Td>
              ) : null}
              {row.getVisibleCells().map((cell) => {
                const id = toId(cell.column.id);
                const look = COLUMNS[id];
                return (
                  <Td
                    key={cell.id}
                    right={look.right}
                    desk={!isOnPhone(id)}
                    className={cn('overflow-hidden')}
                  >
                    <Cell cluster={cluster} task={row.original} column={id} longestMs={longestMs} />
                  </Td>
                );
              })}
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function withSorted(visibility: Readonly<Record<string, boolean>>, sort: string) {
  const sorted = sortedColumn(sort);
  return sorted === null ? { ...visibility } : { ...visibility, [sorted]: true };
}
