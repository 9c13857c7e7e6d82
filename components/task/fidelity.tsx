import { Badge, type Tone } from '@/components/ui/badge.tsx';
import type { TaskText } from '@/lib/contract/task.ts';

const SOURCES: Readonly<Record<TaskText['source'], string>> = {
  event: 'from the events',
  message: 'from the message',
  inspect: 'from the worker',
  result: 'from the result backend',
  none: '',
};

const LOOK: Readonly<Record<TaskText['fidelity'], { word: string; tone: Tone }>> = {
  exact: { word: 'exact', tone: 'success' },
  shortened: { word: 'shortened by the worker', tone: 'retry' },
  text: { word: 'as Python printed it', tone: 'ink' },
  redacted: { word: 'masked', tone: 'info' },
  unknown: { word: 'unknown', tone: 'ink' },
};

/** Whether a text is the value itself, and who told it. */
export function FidelityBadge({ value }: { value: TaskText }) {
  const look = LOOK[value.fidelity];
  const source = value.fidelity === 'unknown' ? '' : SOURCES[value.source];
  return (
    <Badge tone={look.tone}>
      {look.word}
      {source === '' ? '' : ` · ${source}`}
    </Badge>
  );
}

/** What to configure so that the next one is not shortened. */
export function ShortenedNote({ what }: { what: 'arguments' | 'result' }) {
  return (
    <p className="border-t border-line bg-retry/8 px-3.5 py-2 text-ink-2">
      {what === 'arguments' ? (
        <>
          Events carry at most 1,024 characters of the arguments. To keep more, set{' '}
          <code className="font-mono text-sm">app.amqp.argsrepr_maxsize</code> and{' '}
          <code className="font-mono text-sm">kwargsrepr_maxsize</code> where the task is sent; with{' '}
          <code className="font-mono text-sm">result_extended = True</code> the result backend keeps
          them whole.
        </>
      ) : (
        <>
          Events carry at most 1,024 characters of a result. To keep more, set{' '}
          <code className="font-mono text-sm">resultrepr_maxsize</code> on the task; the whole value
          is in the result backend, where one is configured.
        </>
      )}
    </p>
  );
}
