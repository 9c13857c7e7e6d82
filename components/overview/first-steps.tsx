import { Check, CircleDashed, X } from 'lucide-react';
import { Section } from '@/components/ui/card.tsx';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import type { Overview } from '@/lib/contract/overview.ts';
import type { ReactNode } from 'react';

/** Nothing has ever arrived: what is there already, and what is missing. */
export function FirstSteps({ overview }: { overview: Overview }) {
  const { status, workerCounts } = overview;
  const workers = workerCounts.online + workerCounts.late;
  const connected = status.broker.state === 'connected';
  return (
    <Section title="Nothing has arrived yet" sub="what Umbel needs to see your cluster">
      <ol className="grid">
        <Step done={connected} failed={status.broker.state === 'failed'} title="The broker answers">
          <code className="font-mono text-sm break-all">{status.brokerUrl}</code>
          {connected || status.broker.reason === null ? null : <> · {status.broker.reason}</>}
        </Step>
        <Step done={workers > 0} title="A worker is there">
          {workers > 0 ? (
            `${workers} found`
          ) : (
            <Command text="celery -A yourapp worker -E">
              Start one on this broker; it appears here with its first heartbeat.
            </Command>
          )}
        </Step>
        <Step done={false} title="Tasks are announced">
          <Command text="worker_send_task_events = True">
            Workers started with <code className="font-mono text-sm">-E</code>, or with this
            setting, announce their tasks.
          </Command>
        </Step>
        <Step done={false} title="Senders announce tasks too (good to have)">
          <Command text="task_send_sent_event = True">
            Then tasks are known before any worker takes them, with their queue.
          </Command>
        </Step>
      </ol>
    </Section>
  );
}

function Step({
  done,
  failed = false,
  title,
  children,
}: {
  done: boolean;
  failed?: boolean;
  title: string;
  children: ReactNode;
}) {
  const Icon = done ? Check : failed ? X : CircleDashed;
  return (
    <li className="flex gap-3 border-t border-line px-3.5 py-3 first:border-t-0">
      <Icon
        role="img"
        aria-label={done ? 'Done' : failed ? 'Failed' : 'Open'}
        className={`mt-0.5 size-4 shrink-0 stroke-2 ${done ? 'text-success' : failed ? 'text-failure' : 'text-ink-3'}`}
      />
      <div className="min-w-0">
        <p className="font-medium">{title}</p>
        <div className="text-ink-2">{children}</div>
      </div>
    </li>
  );
}

function Command({ text, children }: { text: string; children: ReactNode }) {
  return (
    <>
      <p>{children}</p>
      <p className="mt-1 inline-flex max-w-full items-center gap-1 rounded-md border border-line bg-raised py-0.5 pr-0.5 pl-2">
        <code className="truncate font-mono text-sm">{text}</code>
        <CopyButton text={text} label={`Copy ${text}`} />
      </p>
    </>
  );
}
