'use client';

import { useId } from 'react';
import { Input, Textarea } from '@/components/ui/input.tsx';
import { Checkbox } from '@/components/ui/toggle.tsx';
import type { RetryForm } from '@/lib/contract/control.ts';
import { Field } from './field.tsx';
import { PartBadge } from './part-badge.tsx';
import {
  isKnown,
  isUnknown,
  unknownExtras,
  type Problems,
  type RetryDraft,
} from './retry-draft.ts';

type Props = {
  form: RetryForm;
  draft: RetryDraft;
  problems: Problems;
  onChange: (draft: RetryDraft) => void;
};

export function RetryFields({ form, draft, problems, onChange }: Props) {
  const listId = useId();
  const set = (change: Partial<RetryDraft>) => onChange({ ...draft, ...change });
  return (
    <div className="grid gap-3.5">
      {form.notes.map((note) => (
        <p key={note} className="rounded-md bg-retry/8 px-2.5 py-1.5 text-ink-2">
          {note}
        </p>
      ))}
      <Field
        label="Task type"
        note={<PartBadge part={form.type} />}
        hint={form.type.hint}
        problem={problems.type}
      >
        {(ids) => (
          <Input
            {...ids}
            className="font-mono text-sm"
            value={draft.type}
            onChange={(event) => set({ type: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Arguments"
        note={<PartBadge part={form.args} />}
        hint={form.args.hint}
        problem={problems.args}
      >
        {(ids) => (
          <Textarea
            {...ids}
            rows={3}
            value={draft.args}
            placeholder={isUnknown(form.args) ? 'not known: fill in, such as (1, "two")' : ''}
            onChange={(event) => set({ args: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Keyword arguments"
        note={<PartBadge part={form.kwargs} />}
        hint={form.kwargs.hint}
        problem={problems.kwargs}
      >
        {(ids) => (
          <Textarea
            {...ids}
            rows={3}
            value={draft.kwargs}
            placeholder={isUnknown(form.kwargs) ? "not known: fill in, such as {'name': 1}" : ''}
            onChange={(event) => set({ kwargs: event.target.value })}
          />
        )}
      </Field>
      <div className="grid items-start gap-3.5 sm:grid-cols-[1fr_160px]">
        <Field
          label="Queue"
          note={<PartBadge part={form.queue} />}
          hint={form.queue.hint}
          problem={problems.queue}
        >
          {(ids) => (
            <>
              <Input
                {...ids}
                list={listId}
                className="font-mono text-sm"
                value={draft.queue}
                placeholder={isUnknown(form.queue) ? 'not known: choose' : ''}
                onChange={(event) => set({ queue: event.target.value })}
              />
              <datalist id={listId}>
                {form.queues.map((queue) => (
                  <option key={queue} value={queue} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field
          label="Priority"
          note={<PartBadge part={form.priority} />}
          hint={form.priority.hint}
          problem={problems.priority}
        >
          {(ids) => (
            <Input
              {...ids}
              inputMode="numeric"
              value={draft.priority}
              placeholder="default"
              onChange={(event) => set({ priority: event.target.value })}
            />
          )}
        </Field>
      </div>
      <Field
        label="Headers of its own"
        note={<PartBadge part={form.headers} />}
        hint={form.headers.hint}
        problem={problems.headers}
      >
        {(ids) => (
          <Textarea
            {...ids}
            rows={2}
            className="min-h-12"
            value={draft.headers}
            placeholder={isUnknown(form.headers) ? 'not known; a JSON object, or empty' : 'none'}
            onChange={(event) => set({ headers: event.target.value })}
          />
        )}
      </Field>
      <Extras form={form} draft={draft} problem={problems.withoutUnknown} set={set} />
    </div>
  );
}

function Extras({
  form,
  draft,
  problem,
  set,
}: {
  form: RetryForm;
  draft: RetryDraft;
  problem: string | undefined;
  set: (change: Partial<RetryDraft>) => void;
}) {
  const missing = unknownExtras(form, draft);
  const isEmpty =
    missing.length === 0 &&
    form.chord.note === null &&
    !isKnown(form.links) &&
    !isKnown(form.chain);
  if (isEmpty) return null;
  return (
    <fieldset className="grid gap-2.5 border-t border-line pt-3">
      <legend className="sr-only">What follows the task</legend>
      {isKnown(form.links) ? (
        <Choice
          checked={draft.includeLinks}
          onChange={(includeLinks) => set({ includeLinks })}
          label="With its callbacks and errbacks"
          text={form.links.text}
        />
      ) : null}
      {isKnown(form.chain) ? (
        <Choice
          checked={draft.includeChain}
          onChange={(includeChain) => set({ includeChain })}
          label="With the rest of its chain: the steps after it run again too"
          text={form.chain.text}
        />
      ) : null}
      {form.chord.note === null ? null : (
        <p className="rounded-md bg-retry/8 px-2.5 py-1.5 text-ink-2">{form.chord.note}</p>
      )}
      {missing.length === 0 ? null : (
        <Choice
          checked={draft.withoutUnknown}
          onChange={(withoutUnknown) => set({ withoutUnknown })}
          label={`Send without ${missing.join(', ')}`}
          text={null}
          more="Only the message carries these, and it was not seen, or holds masked values: whether the task had any is not known."
          problem={problem}
        />
      )}
    </fieldset>
  );
}

function Choice({
  checked,
  onChange,
  label,
  text,
  more,
  problem,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  text: string | null;
  more?: string;
  problem?: string | undefined;
}) {
  const id = useId();
  return (
    <div className="grid grid-cols-[16px_minmax(0,1fr)] items-start gap-x-2">
      <Checkbox
        id={id}
        checked={checked}
        aria-describedby={`${id}-more`}
        aria-invalid={problem !== undefined}
        onCheckedChange={(next) => onChange(next === true)}
        className="mt-0.5"
      />
      <div className="min-w-0">
        <label htmlFor={id}>{label}</label>
        <div id={`${id}-more`}>
          {problem === undefined ? null : (
            <p role="alert" className="text-failure">
              {problem}
            </p>
          )}
          {more === undefined ? null : <p className="text-ink-2">{more}</p>}
        </div>
        {text === null ? null : (
          <details>
            <summary className="text-ink-3 touch:py-3">Show</summary>
            <pre className="max-h-40 overflow-auto font-mono text-sm break-words whitespace-pre-wrap">
              {text}
            </pre>
          </details>
        )}
      </div>
    </div>
  );
}
