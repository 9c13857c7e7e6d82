'use client';
import { useTheme } from 'next-themes';
import { Toaster as Sonner } from 'sonner';

export function Toaster() {
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      position="bottom-right"
      mobileOffset={{ bottom: 66 }}
      toastOptions={{
        classNames: {
          toast:
            '!rounded-lg !border !border-line !bg-panel !text-ink !shadow-none !font-sans !text-[13px]',
          description: '!text-ink-2',
        },
      }}
    />
  );
}
