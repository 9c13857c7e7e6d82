import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

const field =
  'w-full rounded-md border border-field/60 bg-panel px-2.5 text-ink touch:text-lg placeholder:text-ink-3 disabled:opacity-50 aria-invalid:border-failure';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(field, 'h-[29px] touch:h-10', className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return (
    <textarea
      spellCheck={false}
      className={cn(field, 'min-h-16 py-1.5 font-mono text-sm touch:text-lg', className)}
      {...props}
    />
  );
}
