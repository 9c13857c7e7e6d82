'use client';
import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import { cn } from './cn.ts';

export type SelectOption = { value: string; label: string; disabled?: boolean };

export type SelectProps = {
  value: string;
  onValueChange: (value: string) => void;
  options: readonly SelectOption[];
  /** The accessible name; leave it out where a `<label htmlFor={id}>` names it. */
  label?: string;
  id?: string;
  placeholder?: string;
  disabled?: boolean;
  className?: string;
};

export function Select({
  value,
  onValueChange,
  options,
  label,
  id,
  placeholder,
  disabled = false,
  className,
}: SelectProps) {
  return (
    <Radix.Root value={value} onValueChange={onValueChange} disabled={disabled}>
      <Radix.Trigger
        id={id}
        aria-label={label}
        className={cn(
          'inline-flex h-[29px] items-center gap-1.5 rounded-md border border-line bg-panel px-2.5 font-medium whitespace-nowrap hover:bg-raised disabled:opacity-50 touch:h-10',
          className,
        )}
      >
        <Radix.Value placeholder={placeholder}>
          {options.find((option) => option.value === value)?.label}
        </Radix.Value>
        <Radix.Icon className="ml-auto text-ink-3">
          <ChevronDown aria-hidden className="size-3.5 stroke-[1.5]" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[min(360px,var(--radix-select-content-available-height))] min-w-[var(--radix-select-trigger-width)] overflow-hidden rounded-lg border border-line bg-panel p-1"
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                className="relative flex min-h-7 cursor-default items-center rounded-[5px] py-1 pr-7 pl-2 outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-raised touch:min-h-10"
              >
                <Radix.ItemText>{option.label}</Radix.ItemText>
                <Radix.ItemIndicator className="absolute right-2">
                  <Check aria-hidden className="size-3.5" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
