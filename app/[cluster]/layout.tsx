import type { ReactNode } from 'react';
import { decodeParam } from '@/components/layout/nav.ts';
import { Shell } from '@/components/layout/shell.tsx';

export default async function ClusterLayout({
  params,
  children,
}: {
  params: Promise<{ cluster: string }>;
  children: ReactNode;
}) {
  const { cluster } = await params;
  return <Shell cluster={decodeParam(cluster)}>{children}</Shell>;
}
