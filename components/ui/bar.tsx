import { cn } from './cn.ts';
import { Unknown } from './tooltip.tsx';

const tones = {
  ink: 'bg-ink-2',
  retry: 'bg-retry',
  failure: 'bg-failure',
  started: 'bg-started',
} as const;

/** A bar in a row: `share` between 0 and 1, null where it is not known (hatched). Says nothing that the number beside it does not. */
export function Bar({
  share,
  tone = 'ink',
  className,
}: {
  share: number | null;
  tone?: keyof typeof tones;
  className?: string;
}) {
  const percent = share === null ? 0 : Math.min(1, Math.max(0, share)) * 100;
  return (
    <span
      aria-hidden
      className={cn(
        'relative block h-[5px] min-w-[70px] overflow-hidden rounded-full bg-raised',
        share === null && 'hatched',
        className,
      )}
    >
      {percent > 0 ? (
        <span
          className={cn('absolute inset-y-0 left-0 min-w-[3px] rounded-full', tones[tone])}
          style={{ width: `${percent}%` }}
        />
      ) : null}
    </span>
  );
}

const MOST_SLOTS = 16;

/** One block per slot of a worker's pool, filled where a task runs; past sixteen it becomes a bar. */
export function Slots({ busy, total }: { busy: number | null; total: number | null }) {
  if (total === null || busy === null) {
    return <Unknown reason="The worker has not told its slots; it may not answer inspect." />;
  }
  const words = `${busy.toLocaleString('en')} of ${total.toLocaleString('en')} slots busy`;
  if (total > MOST_SLOTS) {
    return (
      <span className="inline-flex items-center gap-2" title={words}>
        <Bar share={busy / total} tone="started" className="w-24" />
        <span className="text-ink-2 tnum">
          {busy}/{total}
        </span>
      </span>
    );
  }
  return (
    <span role="img" aria-label={words} title={words} className="inline-flex gap-0.5">
      {Array.from({ length: total }, (_, index) => (
        <span
          key={index}
          className={cn(
            'h-[13px] w-[7px] rounded-[2px] border',
            index < busy ? 'border-started bg-started' : 'border-line bg-raised',
          )}
        />
      ))}
    </span>
  );
}
