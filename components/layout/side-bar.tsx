'use client';
import { Settings } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { clusterPath } from '@/components/live/paths.ts';
import { Button } from '@/components/ui/button.tsx';
import { cn } from '@/components/ui/cn.ts';
import { ClusterSwitcher } from './cluster-switcher.tsx';
import { LiveFooter } from './live-footer.tsx';
import { Mark } from './mark.tsx';
import { activeEntry, NAV } from './nav.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useNavCounts } from './use-nav-counts.ts';

/** The side bar of the desk: mark, cluster, pages with their counts, how live things are. */
export function SideBar({ cluster }: { cluster: string }) {
  const active = activeEntry(usePathname(), cluster);
  const counts = useNavCounts(cluster);
  return (
    <aside className="sticky top-0 hidden h-dvh w-[212px] flex-col border-r border-line px-2.5 py-3.5 md:flex">
      <Link
        href={clusterPath(cluster)}
        className="mb-3 flex items-center gap-[9px] rounded-md px-2 text-[15px] font-[650] tracking-[-0.01em]"
      >
        <Mark />
        Umbel
      </Link>
      <ClusterSwitcher cluster={cluster} />
      <nav aria-label="Pages" className="grid gap-0.5">
        {NAV.map((entry) => {
          const count =
            entry.key === 'queues'
              ? counts.queues
              : entry.key === 'workers'
                ? counts.workers
                : null;
          return (
            <Link
              key={entry.key}
              href={`${clusterPath(cluster)}${entry.path}`}
              aria-current={entry.key === active ? 'page' : undefined}
              className={cn(
                'flex h-[31px] items-center gap-[9px] rounded-md px-[9px] font-medium text-ink-2 hover:text-ink',
                entry.key === active && 'bg-raised text-ink',
              )}
            >
              <entry.icon aria-hidden className="size-[15px] stroke-[1.5] opacity-80" />
              {entry.label}
              {count === null ? null : (
                <span className="ml-auto font-normal text-ink-3 tnum">
                  {count.toLocaleString('en')}
                </span>
              )}
            </Link>
          );
        })}
      </nav>
      <div className="mt-auto grid gap-2 border-t border-line px-2 pt-2">
        <LiveFooter cluster={cluster} />
        <div className="-mx-1.5 flex items-center">
          <ThemeSwitch />
          <Button asChild variant="quiet" className="w-[29px] px-0">
            <Link href="/settings" aria-label="Settings" title="Settings">
              <Settings aria-hidden />
            </Link>
          </Button>
        </div>
      </div>
    </aside>
  );
}
