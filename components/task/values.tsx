import { CopyButton } from '@/components/ui/copy-button.tsx';
import { Section } from '@/components/ui/card.tsx';
import type { TaskDetail, TaskText } from '@/lib/contract/task.ts';
import { formatBytes } from '@/lib/format/bytes.ts';
import { FidelityBadge, ShortenedNote } from './fidelity.tsx';

const UNKNOWN_ARGUMENTS =
  'Nobody told the arguments: no event carried them, and the message was not seen waiting in the broker.';

function Value({ name, value }: { name: string; value: TaskText }) {
  return (
    <div className="border-t border-line first:border-t-0">
      <div className="flex items-start gap-2 px-3.5 pt-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
          <span className="text-ink-3">{name}</span>
          <FidelityBadge value={value} />
          {value.sizeBytes === null ? null : (
            <span className="text-xs text-ink-3 tnum">{formatBytes(value.sizeBytes)}</span>
          )}
        </div>
        {value.text === null ? null : <CopyButton text={value.text} label={`Copy ${name}`} />}
      </div>
      {value.text === null ? (
        <p className="px-3.5 pt-1 pb-3 text-ink-2">{UNKNOWN_ARGUMENTS}</p>
      ) : (
        <pre
          tabIndex={0}
          aria-label={name}
          className="max-h-96 overflow-auto px-3.5 pt-1 pb-3 font-mono text-sm leading-[1.6] break-words whitespace-pre-wrap"
        >
          {value.text}
        </pre>
      )}
    </div>
  );
}

export function ArgumentsSection({ task }: { task: TaskDetail }) {
  const cut = task.argsText.fidelity === 'shortened' || task.kwargsText.fidelity === 'shortened';
  return (
    <Section title="Arguments">
      <Value name="positional" value={task.argsText} />
      <Value name="by keyword" value={task.kwargsText} />
      {cut ? <ShortenedNote what="arguments" /> : null}
    </Section>
  );
}

const UNKNOWN_RESULT =
  'It succeeded, but its result was not told: the worker may ignore results, or the event was not seen.';

export function ResultSection({ task }: { task: TaskDetail }) {
  const { resultText } = task;
  if (task.state !== 'success' && resultText.text === null) return null;
  return (
    <Section
      title="Result"
      sub={<FidelityBadge value={resultText} />}
      actions={
        resultText.text === null ? null : (
          <CopyButton text={resultText.text} label="Copy the result" />
        )
      }
    >
      {resultText.text === null ? (
        <p className="px-3.5 py-3 text-ink-2">{UNKNOWN_RESULT}</p>
      ) : (
        <pre
          tabIndex={0}
          aria-label="Result"
          className="max-h-96 overflow-auto px-3.5 py-3 font-mono text-sm leading-[1.6] break-words whitespace-pre-wrap"
        >
          {resultText.text}
        </pre>
      )}
      {resultText.fidelity === 'shortened' ? <ShortenedNote what="result" /> : null}
    </Section>
  );
}
