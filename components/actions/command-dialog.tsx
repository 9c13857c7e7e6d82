'use client';

import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { toast } from 'sonner';
import { apiPost } from '@/components/live/api.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose, DialogContent } from '@/components/ui/dialog.tsx';
import { Input } from '@/components/ui/input.tsx';
import { queueList } from '@/lib/contract/api.ts';
import { commandOutcome, type WorkerCommand } from '@/lib/contract/control.ts';
import type { WorkerDetail } from '@/lib/contract/worker.ts';
import { AckList, summarize } from './ack-list.tsx';
import {
  COMMANDS,
  toCommand,
  type CommandField,
  type CommandName,
  type CommandProblems,
} from './command-draft.ts';
import { Field } from './field.tsx';
import { ProblemNote } from './problem-note.tsx';

type Props = {
  cluster: string;
  /** Whom to ask; all of them are asked at once. */
  hostnames: readonly string[];
  /** What is known of a single worker: its queues and types are offered. */
  worker?: WorkerDetail | undefined;
  command: CommandName;
};

const LISTED = 12;

export function CommandDialog({
  command,
  onClose,
  ...rest
}: Omit<Props, 'command'> & { command: CommandName | null; onClose: () => void }) {
  return (
    <Dialog open={command !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      {command === null ? null : <Content key={command} command={command} {...rest} />}
    </Dialog>
  );
}

function Content({ cluster, hostnames, worker, command }: Props) {
  const formId = useId();
  const look = COMMANDS[command];
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [typed, setTyped] = useState('');
  const [problems, setProblems] = useState<CommandProblems>({});
  const send = useMutation({
    mutationFn: (body: WorkerCommand) =>
      apiPost(
        apiPath(cluster, 'workers/command'),
        { workers: hostnames, command: body },
        commandOutcome,
      ),
    onSuccess: (outcome) => {
      const { good, text } = summarize(outcome);
      const words = (hostnames.length === 1 ? outcome.acks[0]?.text : null) ?? text;
      if (good) toast.success(look.title, { description: words });
      else toast.warning(look.title, { description: words });
    },
  });
  const submit = () => {
    const read = toCommand(command, values);
    setProblems(read.ok ? {} : read.problems);
    if (read.ok) send.mutate(read.command);
  };
  const name = hostnames[0] ?? '';
  const confirmed = look.typed !== true || typed === name;
  return (
    <DialogContent
      title={look.title}
      description={look.says}
      footer={
        <>
          <DialogClose asChild>
            <Button>{send.isSuccess ? 'Close' : 'Cancel'}</Button>
          </DialogClose>
          {send.isSuccess ? null : (
            <Button
              type="submit"
              form={formId}
              variant={look.risk === true ? 'risk' : 'primary'}
              disabled={send.isPending || !confirmed}
            >
              {send.isPending ? 'Asking the worker…' : look.button}
            </Button>
          )}
        </>
      }
    >
      {send.isSuccess ? (
        <AckList outcome={send.data} />
      ) : (
        <form
          id={formId}
          noValidate
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (confirmed) submit();
          }}
        >
          <ul className="font-mono text-sm break-all text-ink-2">
            {hostnames.slice(0, LISTED).map((hostname) => (
              <li key={hostname}>{hostname}</li>
            ))}
            {hostnames.length > LISTED ? <li>and {hostnames.length - LISTED} more</li> : null}
          </ul>
          {look.fields.map((field, index) => (
            <CommandInput
              key={field.name}
              cluster={cluster}
              worker={worker}
              field={field}
              isFirst={index === 0}
              value={values[field.name] ?? ''}
              problem={problems[field.name]}
              onChange={(value) => setValues({ ...values, [field.name]: value })}
            />
          ))}
          {look.typed === true ? (
            <Field label={`Type ${name} to confirm`}>
              {(ids) => (
                <Input
                  {...ids}
                  data-first-field={look.fields.length === 0 ? true : undefined}
                  className="font-mono text-sm"
                  autoComplete="off"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
              )}
            </Field>
          ) : null}
          {send.isError ? <ProblemNote error={send.error} /> : null}
        </form>
      )}
    </DialogContent>
  );
}

function CommandInput({
  cluster,
  worker,
  field,
  isFirst,
  value,
  problem,
  onChange,
}: {
  cluster: string;
  worker: WorkerDetail | undefined;
  field: CommandField;
  isFirst: boolean;
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}) {
  const listId = useId();
  const queues = useLiveQuery({
    cluster,
    key: ['queues', cluster],
    path: apiPath(cluster, 'queues'),
    schema: queueList,
    enabled: field.kind === 'queue',
  });
  const known =
    field.kind === 'queue'
      ? (queues.data?.items.map((queue) => queue.name) ?? [])
      : field.kind === 'own-queue'
        ? (worker?.queues ?? [])
        : field.kind === 'type'
          ? (worker?.registered.value?.map((type) => type.name) ?? [])
          : [];
  return (
    <Field label={field.label} hint={field.hint} problem={problem}>
      {(ids) => (
        <>
          <Input
            {...ids}
            data-first-field={isFirst ? true : undefined}
            list={known.length > 0 ? listId : undefined}
            inputMode={field.kind === 'number' ? 'decimal' : 'text'}
            autoComplete="off"
            className={field.kind === 'number' ? 'w-32' : 'font-mono text-sm'}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {known.length > 0 ? (
            <datalist id={listId}>
              {known.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          ) : null}
        </>
      )}
    </Field>
  );
}
