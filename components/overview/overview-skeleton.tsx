import { Skeleton, SkeletonRows } from '@/components/ui/states.tsx';

const card = 'rounded-lg border border-line bg-panel';

/** The overview's shape while it loads. */
export function OverviewSkeleton() {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3.5">
      <div className={`${card} grid grid-cols-2 sm:grid-cols-3 xl:grid-cols-6`}>
        {Array.from({ length: 6 }, (_, index) => (
          <div key={index} className="h-[98px] px-3.5 py-3">
            <Skeleton className="h-3 w-16" />
            <Skeleton className="mt-2 h-5 w-20" />
            <Skeleton className="mt-3 h-4 w-full" />
          </div>
        ))}
      </div>
      <div className={`${card} h-[262px] p-3.5`}>
        <Skeleton className="h-full" />
      </div>
      <div className="grid gap-3.5 lg:grid-cols-2">
        <div className={`${card} h-[212px] p-3.5`}>
          <Skeleton className="h-full" />
        </div>
        <div className={`${card} h-[212px] p-3.5`}>
          <Skeleton className="h-full" />
        </div>
      </div>
      <div className="grid gap-3.5 xl:grid-cols-2">
        <div className={card}>
          <SkeletonRows rows={7} label="Loading queues" />
        </div>
        <div className={card}>
          <SkeletonRows rows={7} label="Loading workers" />
        </div>
      </div>
    </div>
  );
}
