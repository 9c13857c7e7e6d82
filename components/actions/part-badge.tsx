import { Badge, type Tone } from '@/components/ui/badge.tsx';
import type { RetryPart } from '@/lib/contract/control.ts';

const LOOK: Readonly<Record<RetryPart['condition'], { word: string; tone: Tone }>> = {
  exact: { word: 'exact', tone: 'success' },
  parsed: { word: 'read from text', tone: 'info' },
  cut: { word: 'cut by the worker', tone: 'retry' },
  redacted: { word: 'masked', tone: 'retry' },
  opaque: { word: 'not readable', tone: 'retry' },
  unknown: { word: 'not known', tone: 'retry' },
  none: { word: 'none', tone: 'ink' },
};

/** How well a part of a task is known, and who told it. */
export function PartBadge({ part }: { part: RetryPart }) {
  const look = LOOK[part.condition];
  return (
    <Badge tone={look.tone}>
      {look.word}
      {part.source === 'unknown' ? '' : ` · ${part.source}`}
    </Badge>
  );
}
