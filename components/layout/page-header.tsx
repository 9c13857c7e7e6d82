import type { ReactNode } from 'react';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { cn } from '@/components/ui/cn.ts';
import { LiveControl } from './live-control.tsx';
import { RangeSelect } from './range-select.tsx';
import { SearchButton } from './search-button.tsx';

export type PageHeaderProps = {
  cluster: string;
  title: ReactNode;
  /** Beside the title on the desk, below it on a phone. */
  sub?: ReactNode;
  /** The page's own buttons, before those that every page has. */
  actions?: ReactNode;
  /** Whether the page looks at a time range. */
  range?: boolean;
  /** The title is a name that is worth copying. */
  copy?: { text: string; label: string };
  /** The title is long (a name, an id): on a phone it gets a line of its own. */
  long?: boolean;
};

export function PageHeader({
  cluster,
  title,
  sub,
  actions,
  range = false,
  long = false,
  copy,
}: PageHeaderProps) {
  return (
    <header className="sticky top-0 z-20 -mx-3.5 mb-0 flex min-h-[52px] flex-wrap items-center gap-x-2 gap-y-1 bg-bg px-3.5 py-2 md:-mx-[22px] md:px-[22px]">
      <div
        className={cn(
          'flex min-w-0 flex-1 items-baseline gap-2 max-md:flex-col max-md:gap-0',
          long && 'max-md:basis-full',
        )}
      >
        <div
          className={cn(
            'flex max-w-full min-w-0 items-center gap-1',
            copy !== undefined && 'touch:min-h-10',
          )}
        >
          <h1 className="min-w-0 truncate text-lg font-[620] tracking-[-0.012em]">{title}</h1>
          {copy === undefined ? null : <CopyButton {...copy} />}
        </div>
        {sub === undefined ? null : (
          <div className="max-w-full min-w-0 truncate text-ink-3 max-md:text-sm">{sub}</div>
        )}
      </div>
      <div
        className={cn(
          'flex items-center gap-2',
          long && 'max-md:w-full [&>:nth-last-child(2)]:max-md:ml-auto',
        )}
      >
        {actions}
        {range ? <RangeSelect /> : null}
        <LiveControl cluster={cluster} />
        <SearchButton />
      </div>
    </header>
  );
}
