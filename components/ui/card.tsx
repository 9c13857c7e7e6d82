import type { ComponentProps, ReactNode } from 'react';
import { useId } from 'react';
import { cn } from './cn.ts';

export function Card({ className, ...props }: ComponentProps<'div'>) {
  return (
    <div className={cn('min-w-0 rounded-lg border border-line bg-panel', className)} {...props} />
  );
}

export type SectionProps = {
  title: ReactNode;
  /** Beside the title, quieter. */
  sub?: ReactNode;
  /** At the right end of the header. */
  actions?: ReactNode;
  className?: string;
  bodyClassName?: string;
  children: ReactNode;
};

/** A card with a header; a landmark named by its title. */
export function Section({ title, sub, actions, className, bodyClassName, children }: SectionProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={cn('min-w-0 rounded-lg border border-line bg-panel', className)}
    >
      <header className="flex min-h-[41px] flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3.5 py-1.5">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        {sub === undefined ? null : <span className="min-w-0 text-ink-3">{sub}</span>}
        {actions === undefined ? null : (
          <div className="ml-auto flex items-center gap-2">{actions}</div>
        )}
      </header>
      <div className={cn('min-w-0', bodyClassName)}>{children}</div>
    </section>
  );
}
