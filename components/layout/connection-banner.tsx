'use client';
import { useTimeZone } from '@/components/live/time-zone.ts';
import { useLiveStatus } from '@/components/live/use-status.ts';
import { Button } from '@/components/ui/button.tsx';
import { StaleBanner } from '@/components/ui/states.tsx';
import { formatCount } from '@/lib/format/number.ts';
import { formatTime } from '@/lib/format/time.ts';

/** Shown only while something is not connected, and once more when it is back: what was missed. */
export function ConnectionBanner({ cluster }: { cluster: string }) {
  const status = useLiveStatus(cluster);
  const { zone } = useTimeZone();
  const { broker, missed } = status;
  if (status.reconnecting) {
    return (
      <StaleBanner className="mt-3.5">
        No connection to Umbel since {formatTime(status.since, zone)}. The page shows what was known
        then, and tries again by itself.
      </StaleBanner>
    );
  }
  if (broker !== null && broker.state !== 'connected') {
    return (
      <StaleBanner className="mt-3.5">
        {broker.state === 'connecting'
          ? 'Connecting to the broker'
          : 'The broker cannot be reached'}{' '}
        since {formatTime(broker.since, zone)}
        {broker.reason === null ? null : <> ({broker.reason})</>}. Nothing new can be observed until
        it is back{broker.state === 'failed' ? '.' : '; Umbel keeps trying.'}
      </StaleBanner>
    );
  }
  if (missed !== null) {
    const { news } = missed;
    return (
      <StaleBanner
        className="mt-3.5"
        action={
          <Button size="sm" onClick={status.dismissMissed}>
            Dismiss
          </Button>
        }
      >
        The page was not connected from {formatTime(missed.lostAt, zone)} to{' '}
        {formatTime(missed.backAt, zone)}
        {news === null || missed.cluster !== cluster
          ? '.'
          : `: ${formatCount(news.newCount)} new tasks, ${formatCount(news.changedCount)} changes meanwhile.`}{' '}
        It shows everything again now.
      </StaleBanner>
    );
  }
  return null;
}
