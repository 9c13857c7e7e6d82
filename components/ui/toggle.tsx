'use client';
import { Check, Minus } from 'lucide-react';
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

export function Checkbox({ className, ...props }: ComponentProps<typeof RadixCheckbox.Root>) {
  return (
    <RadixCheckbox.Root
      className={cn(
        'group touch-area inline-flex size-4 shrink-0 items-center justify-center rounded-sm border border-field bg-panel disabled:opacity-50 data-[state=checked]:border-ink data-[state=checked]:bg-ink data-[state=indeterminate]:border-ink data-[state=indeterminate]:bg-ink',
        className,
      )}
      {...props}
    >
      <RadixCheckbox.Indicator className="text-bg">
        <Check
          aria-hidden
          className="size-3 stroke-[2.5] group-data-[state=indeterminate]:hidden"
        />
        <Minus
          aria-hidden
          className="hidden size-3 stroke-[2.5] group-data-[state=indeterminate]:block"
        />
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}

export function Switch({ className, ...props }: ComponentProps<typeof RadixSwitch.Root>) {
  return (
    <RadixSwitch.Root
      className={cn(
        'touch-area inline-flex h-[18px] w-8 shrink-0 items-center rounded-full border border-field bg-raised px-0.5 disabled:opacity-50 data-[state=checked]:border-ink data-[state=checked]:bg-ink',
        className,
      )}
      {...props}
    >
      <RadixSwitch.Thumb className="size-3 rounded-full bg-ink-3 transition-transform data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-bg" />
    </RadixSwitch.Root>
  );
}
