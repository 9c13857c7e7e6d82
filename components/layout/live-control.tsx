'use client';
import { Pause, Play } from 'lucide-react';
import { useHoldReason, usePause } from '@/components/live/hold.ts';
import { useLiveStatus } from '@/components/live/use-status.ts';
import { Button } from '@/components/ui/button.tsx';
import { Tooltip } from '@/components/ui/tooltip.tsx';

/** Says whether the page moves, and stops or starts it. */
export function LiveControl({ cluster }: { cluster: string }) {
  const { isPaused, toggle } = usePause();
  const hold = useHoldReason();
  const { link, broker } = useLiveStatus(cluster);
  const isLost = broker !== null && broker.state !== 'connected' && broker.state !== 'connecting';
  const word = isPaused
    ? 'Paused'
    : link === 'reconnecting'
      ? 'Reconnecting'
      : link === 'connecting'
        ? 'Connecting'
        : hold !== null
          ? 'Held'
          : isLost
            ? 'Broker lost'
            : 'Live';
  const why = isPaused
    ? 'Updates are paused: the page shows what it knew then. Press to go on.'
    : word === 'Held'
      ? 'Updates wait while a menu or dialog is open, rows are selected, or this tab is hidden.'
      : word === 'Broker lost'
        ? 'Umbel does not reach the broker: the page shows what it knew before.'
        : 'The page follows the cluster. Press to pause.';
  return (
    <Tooltip content={why} side="bottom">
      <Button
        onClick={toggle}
        aria-pressed={isPaused}
        aria-label={`${word}: ${isPaused ? 'resume' : 'pause'} updates`}
      >
        {word === 'Live' ? (
          <span aria-hidden className="mx-[3px] live-dot" />
        ) : (
          <span aria-hidden className="mx-[3px] size-[7px] rounded-full bg-retry" />
        )}
        <span>{word}</span>
        {isPaused ? (
          <Play aria-hidden className="fill-current text-ink-3 max-md:hidden" />
        ) : (
          <Pause aria-hidden className="fill-current stroke-0! text-ink-3 max-md:hidden" />
        )}
      </Button>
    </Tooltip>
  );
}
