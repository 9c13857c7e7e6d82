import type { ReactNode } from 'react';
import { cn } from './cn.ts';

const tones = {
  ink: 'text-ink-2',
  success: 'text-success',
  retry: 'text-retry',
  failure: 'text-failure',
  info: 'text-received',
} as const;

export type Tone = keyof typeof tones;

export function Badge({
  tone = 'ink',
  className,
  children,
}: {
  tone?: Tone;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1 rounded-full border border-current px-1.5 text-2xs leading-[16px] font-semibold tracking-[0.02em] whitespace-nowrap',
        tones[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
