import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

/** A table with a caption for screen readers, which scrolls sideways where it does not fit. */
export function Table({
  caption,
  className,
  children,
  ...props
}: ComponentProps<'table'> & { caption: string }) {
  return (
    <div className="relative w-full overflow-x-auto">
      <table className={cn('w-full border-collapse', className)} {...props}>
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

type CellProps = { right?: boolean | undefined; desk?: boolean | undefined };

const cell = ({ right, desk }: CellProps) =>
  cn(
    'px-2.5 whitespace-nowrap first:pl-3.5 last:pr-3.5',
    right ? 'text-right tnum' : 'text-left',
    desk && 'max-md:hidden',
  );

export function Th({
  right,
  desk,
  sort,
  onSort,
  className,
  children,
  ...props
}: ComponentProps<'th'> &
  CellProps & {
    /** How this column is sorted now; null: sortable, but not sorted by. */
    sort?: 'asc' | 'desc' | null | undefined;
    onSort?: (() => void) | undefined;
  }) {
  const Arrow = sort === 'asc' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      aria-sort={
        onSort === undefined
          ? undefined
          : sort === 'asc'
            ? 'ascending'
            : sort === 'desc'
              ? 'descending'
              : 'none'
      }
      className={cn(
        cell({ right, desk }),
        'h-[31px] border-b border-line align-middle text-xs font-medium text-ink-3 touch:h-10',
        className,
      )}
      {...props}
    >
      {onSort === undefined ? (
        children
      ) : (
        <button
          type="button"
          onClick={onSort}
          className={cn(
            'touch-area -mx-1 flex items-center gap-0.5 rounded-sm px-1 hover:text-ink',
            right && 'ml-auto',
            sort && 'text-ink-2',
          )}
        >
          {children}
          <Arrow
            aria-hidden
            className={cn('size-3 stroke-[1.5]', !sort && 'opacity-0', right && '-order-1')}
          />
        </button>
      )}
    </th>
  );
}

export function Tr({
  selected,
  className,
  ...props
}: ComponentProps<'tr'> & { selected?: boolean }) {
  return (
    <tr
      {...(selected === undefined ? {} : { 'aria-selected': selected })}
      className={cn(
        'border-b border-line last:border-b-0 hover:bg-raised/60',
        selected && 'bg-focus/10 hover:bg-focus/15',
        className,
      )}
      {...props}
    />
  );
}

export function Td({ right, desk, className, ...props }: ComponentProps<'td'> & CellProps) {
  return <td className={cn(cell({ right, desk }), 'h-[34px] touch:h-11', className)} {...props} />;
}

/** One row over all columns: for empties and notes inside a table. */
export function RowNote({ span, children }: { span: number; children: ReactNode }) {
  return (
    <tr>
      <td colSpan={span} className="px-3.5 py-6 text-center text-ink-3">
        {children}
      </td>
    </tr>
  );
}
