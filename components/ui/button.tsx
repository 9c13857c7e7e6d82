import { Slot } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

type Variant = 'plain' | 'primary' | 'risk' | 'quiet';

const variants: Record<Variant, string> = {
  plain: 'border-line bg-panel text-ink hover:bg-raised',
  primary: 'border-ink bg-ink text-bg hover:opacity-90',
  risk: 'border-line bg-panel text-failure hover:bg-raised',
  quiet: 'border-transparent text-ink-2 hover:bg-raised hover:text-ink',
};

export type ButtonProps = ComponentProps<'button'> & {
  variant?: Variant;
  size?: 'md' | 'sm';
  /** Renders the single child (a link, say) with the button's look. */
  asChild?: boolean;
};

export function Button({
  variant = 'plain',
  size = 'md',
  asChild = false,
  className,
  type = 'button',
  ...props
}: ButtonProps) {
  const classes = cn(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
    'disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50',
    '[&_svg]:size-[15px] [&_svg]:shrink-0 [&_svg]:stroke-[1.5]',
    size === 'md' ? 'h-[29px] px-2.5 touch:h-10' : 'touch-area h-6 px-2 text-sm',
    variants[variant],
    className,
  );
  if (asChild) return <Slot.Root className={classes} {...props} />;
  return <button type={type} className={classes} {...props} />;
}

/** A button that shows only an icon: its name is said by `label`. */
export function IconButton({
  label,
  children,
  className,
  variant = 'quiet',
  ...props
}: Omit<ButtonProps, 'children' | 'asChild'> & { label: string; children: ReactNode }) {
  return (
    <Button
      aria-label={label}
      title={label}
      variant={variant}
      className={cn('w-[29px] px-0 touch:w-10', props.size === 'sm' && 'w-6 touch:w-6', className)}
      {...props}
    >
      {children}
    </Button>
  );
}
