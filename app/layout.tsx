import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { ThemeProvider } from '@/components/layout/theme-provider.tsx';
import { Toaster } from '@/components/layout/toaster.tsx';
import { Providers } from '@/components/live/query-client.tsx';
import { TooltipProvider } from '@/components/ui/tooltip.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Umbel', template: '%s · Umbel' },
  description: 'The live dashboard for Celery clusters.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafbf9' },
    { media: '(prefers-color-scheme: dark)', color: '#0b0e0b' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    <html lang="en" suppressHydrationWarning>
      <body>
        <a
          href="#main"
          className="sr-only rounded-md border border-line bg-panel px-3 py-1.5 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
        >
          Skip to content
        </a>
        <ThemeProvider nonce={nonce}>
          <Providers>
            <TooltipProvider delayDuration={300} skipDelayDuration={100}>
              {children}
              <Toaster />
            </TooltipProvider>
          </Providers>
        </ThemeProvider>
      </body>
    </html>
  );
}
