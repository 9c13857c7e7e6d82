import type { ReactNode } from 'react';
import { EmptyState } from '@/components/ui/states.tsx';
import { RelativeTime } from '@/components/ui/time.tsx';
import type { Section } from '@/lib/contract/worker.ts';

/** One part of an inspection: what the worker said and when, or why it is not known. */
export function SectionView<T>({
  section,
  empty,
  note,
  children,
}: {
  section: Section<T>;
  /** What to say where the worker answered that there is nothing. */
  empty?: ReactNode;
  note?: ReactNode;
  children: (value: T) => ReactNode;
}) {
  const { value, readAt, reason } = section;
  if (value === null) {
    return (
      <EmptyState title="Not known">
        {reason ?? 'The worker has not been asked yet.'}
        {readAt === null ? null : (
          <>
            {' '}
            Last answered <RelativeTime at={readAt} />.
          </>
        )}
      </EmptyState>
    );
  }
  const isEmpty = Array.isArray(value) && value.length === 0;
  return (
    <>
      <p className="flex flex-wrap gap-x-2 border-b border-line px-3.5 py-1.5 text-sm text-ink-3">
        <span>
          Read <RelativeTime at={readAt} unknown="at an unknown time" />
        </span>
        {reason === null ? null : <span className="text-retry">· {reason}</span>}
        {note === undefined ? null : <span>· {note}</span>}
      </p>
      {isEmpty ? <EmptyState title={empty ?? 'Nothing'} /> : children(value)}
    </>
  );
}
