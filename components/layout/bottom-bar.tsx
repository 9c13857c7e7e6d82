'use client';
import { Settings } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { clusterPath } from '@/components/live/paths.ts';
import { cn } from '@/components/ui/cn.ts';
import { activeEntry, NAV } from './nav.ts';

const item =
  'flex flex-1 flex-col items-center justify-center gap-0.5 text-2xs font-medium text-ink-2 aria-[current]:text-ink';

/** The pages on a phone, under the thumb. */
export function BottomBar({ cluster }: { cluster: string }) {
  const active = activeEntry(usePathname(), cluster);
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex h-[calc(54px+env(safe-area-inset-bottom))] border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {NAV.map((entry) => (
        <Link
          key={entry.key}
          href={`${clusterPath(cluster)}${entry.path}`}
          aria-current={entry.key === active ? 'page' : undefined}
          className={cn(item, entry.key === active && 'font-semibold')}
        >
          <entry.icon
            aria-hidden
            className={cn('size-[19px]', entry.key === active ? 'stroke-2' : 'stroke-[1.5]')}
          />
          {entry.label}
        </Link>
      ))}
      <Link href="/settings" className={item}>
        <Settings aria-hidden className="size-[19px] stroke-[1.5]" />
        Settings
      </Link>
    </nav>
  );
}
