import { CircleAlert, History } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from './cn.ts';

/** A still block in the shape of what is coming. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('block rounded-sm bg-raised', className)} />;
}

/** Rows of skeletons with the height of table rows; says "Loading" once to screen readers. */
export function SkeletonRows({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div
          key={index}
          className="flex h-[34px] items-center gap-4 border-b border-line px-3.5 last:border-b-0"
        >
          <Skeleton className="h-3 w-1/4" />
          <Skeleton className="h-3 w-1/6" />
          <Skeleton className="ml-auto h-3 w-1/5" />
        </div>
      ))}
    </div>
  );
}

/** Nothing to show: why, and what to do about it. */
export function EmptyState({
  title,
  children,
  action,
  icon,
  className,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn('flex flex-col items-center gap-2 px-4 py-10 text-center', className)}>
      {icon === undefined ? null : <div className="text-ink-3 [&_svg]:size-5">{icon}</div>}
      <p className="font-semibold">{title}</p>
      {children === undefined ? null : <div className="max-w-lg text-ink-2">{children}</div>}
      {action === undefined ? null : <div className="mt-1">{action}</div>}
    </div>
  );
}

/** Could not be loaded and there is nothing older to show. */
export function ErrorState({
  title = 'This could not be loaded',
  detail,
  action,
}: {
  title?: ReactNode;
  detail?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      <CircleAlert aria-hidden className="size-5 stroke-[1.5] text-failure" />
      <p className="font-semibold">{title}</p>
      {detail === undefined ? null : <p className="max-w-lg break-words text-ink-2">{detail}</p>}
      {action}
    </div>
  );
}

/** What is shown is older than it should be: says since when and why. */
export function StaleBanner({
  children,
  action,
  className,
}: {
  children: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div
      role="status"
      className={cn(
        'flex min-h-9 flex-wrap items-center gap-x-2 gap-y-1 rounded-lg border border-line bg-retry/8 px-3.5 py-1.5 text-ink-2',
        className,
      )}
    >
      <History aria-hidden className="size-[15px] shrink-0 stroke-[1.5] text-retry" />
      <span className="min-w-0 flex-1">{children}</span>
      {action}
    </div>
  );
}
