'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useLinksThatStay } from '@/components/live/use-go.ts';
import { useSession } from '@/components/live/use-session.ts';
import { Palette } from '@/components/palette/palette.tsx';
import { Button } from '@/components/ui/button.tsx';
import { EmptyState } from '@/components/ui/states.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { SideBar } from './side-bar.tsx';

/** The frame of every page of a cluster. */
export function Shell({ cluster, children }: { cluster: string; children: ReactNode }) {
  const { session } = useSession();
  useLinksThatStay();
  if (session !== undefined && !session.clusters.includes(cluster)) {
    return <NoSuchCluster cluster={cluster} known={session.clusters} />;
  }
  return (
    <div className="grid min-h-dvh md:grid-cols-[212px_minmax(0,1fr)]">
      <SideBar cluster={cluster} />
      <main
        id="main"
        tabIndex={-1}
        className="min-w-0 px-3.5 pb-[76px] outline-none md:px-[22px] md:pb-7"
      >
        <ConnectionBanner cluster={cluster} />
        {children}
      </main>
      <BottomBar cluster={cluster} />
      <Palette cluster={cluster} />
    </div>
  );
}

function NoSuchCluster({ cluster, known }: { cluster: string; known: readonly string[] }) {
  return (
    <main id="main" className="grid min-h-dvh place-items-center">
      <EmptyState
        title={<h1>There is no cluster called “{cluster}”</h1>}
        action={
          <Button asChild>
            <Link href="/">Show the clusters</Link>
          </Button>
        }
      >
        Umbel watches {known.length === 0 ? 'none yet' : known.join(', ')}.
      </EmptyState>
    </main>
  );
}
