'use client';
import type { ReactNode } from 'react';
import type { LiveQuery } from '@/components/live/use-live-query.ts';
import { Button } from '@/components/ui/button.tsx';
import { ErrorState, StaleBanner } from '@/components/ui/states.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';

/** Shows data once there are any; before that a skeleton, without any the error, and old data with their age. */
export function DataState<T>({
  query,
  skeleton,
  children,
}: {
  query: LiveQuery<T>;
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}) {
  const retry = (
    <Button size="sm" onClick={query.refetch}>
      Try again
    </Button>
  );
  if (query.data === undefined) {
    if (query.error === null) return skeleton;
    return (
      <div className="rounded-lg border border-line bg-panel">
        <ErrorState title={query.error.title} detail={query.error.detail} action={retry} />
      </div>
    );
  }
  return (
    <>
      {query.error === null ? null : (
        <StaleBanner className="mb-3.5" action={retry}>
          Read <RelativeTime at={query.updatedAt} />; newer could not be had: {query.error.message}
        </StaleBanner>
      )}
      {children(query.data)}
    </>
  );
}
