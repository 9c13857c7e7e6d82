import { useId, type ReactNode } from 'react';

export type FieldIds = { id: string; 'aria-describedby': string; 'aria-invalid': boolean };

/** A labelled field with what to know about it, and what is wrong with it. */
export function Field({
  label,
  note,
  hint,
  problem,
  children,
}: {
  label: ReactNode;
  note?: ReactNode;
  hint?: ReactNode;
  problem?: string | undefined;
  children: (ids: FieldIds) => ReactNode;
}) {
  const id = useId();
  const hasProblem = problem !== undefined;
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-center gap-x-2">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {note}
      </div>
      {children({ id, 'aria-describedby': `${id}-more`, 'aria-invalid': hasProblem })}
      <div id={`${id}-more`} className="text-sm">
        {hasProblem ? (
          <p role="alert" className="break-words text-failure">
            {problem}
          </p>
        ) : null}
        {hint === undefined || hint === null ? null : (
          <p className="break-words whitespace-pre-wrap text-ink-2">{hint}</p>
        )}
      </div>
    </div>
  );
}
