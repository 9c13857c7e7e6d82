import { Check, CircleAlert, CircleHelp, PowerOff } from 'lucide-react';
import type { CommandOutcome, WorkerAck } from '@/lib/contract/control.ts';
import { cn } from '@/components/ui/cn.ts';

const LOOK: Readonly<
  Record<WorkerAck['outcome'], { icon: typeof Check; word: string; tone: string }>
> = {
  ok: { icon: Check, word: 'done', tone: 'text-success' },
  error: { icon: CircleAlert, word: 'refused', tone: 'text-failure' },
  timeout: { icon: CircleHelp, word: 'no answer', tone: 'text-retry' },
  offline: { icon: PowerOff, word: 'went offline, as asked', tone: 'text-success' },
};

/** What each worker said, in its own words, and what to know about it. */
export function AckList({ outcome }: { outcome: CommandOutcome }) {
  return (
    <div role="status" className="grid gap-2">
      {outcome.acks.length === 0 ? (
        <p className="text-ink-2">No worker is known that could answer.</p>
      ) : (
        <ul aria-label="Answers of the workers" className="rounded-md border border-line">
          {outcome.acks.map((ack) => {
            const look = LOOK[ack.outcome];
            return (
              <li
                key={ack.hostname}
                className="grid grid-cols-[15px_minmax(0,1fr)] gap-x-2 border-t border-line px-2.5 py-1.5 first:border-t-0"
              >
                <look.icon aria-hidden className={cn('mt-0.5 size-[15px] stroke-2', look.tone)} />
                <span className="min-w-0 break-words">
                  <span className="font-mono text-sm">{ack.hostname}</span>
                  <span className={cn('ml-2 font-medium', look.tone)}>{look.word}</span>
                  {ack.text === null || ack.text === '' ? null : (
                    <span className="block text-ink-2">“{ack.text}”</span>
                  )}
                </span>
              </li>
            );
          })}
        </ul>
      )}
      {outcome.warnings.map((warning) => (
        <p key={warning} className="rounded-md bg-retry/8 px-2.5 py-1.5 text-ink-2">
          {warning}
        </p>
      ))}
    </div>
  );
}

/** The outcome in one line, for a toast. */
export function summarize(outcome: CommandOutcome): { good: boolean; text: string } {
  const count = (of: WorkerAck['outcome']) =>
    outcome.acks.filter((ack) => ack.outcome === of).length;
  const good = count('ok') + count('offline');
  const parts = [
    good > 0 ? `${good} acknowledged` : '',
    count('error') > 0 ? `${count('error')} refused` : '',
    count('timeout') > 0 ? `${count('timeout')} did not answer` : '',
  ].filter((part) => part !== '');
  return {
    good: good > 0 && good === outcome.acks.length,
    text: parts.length === 0 ? 'No worker answered' : parts.join(', '),
  };
}
