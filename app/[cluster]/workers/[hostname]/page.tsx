import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { WorkerPage } from '@/components/workers/worker-page.tsx';

type Props = { params: Promise<{ cluster: string; hostname: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { hostname } = await params;
  return { title: decodeParam(hostname) };
}

export default async function Page({ params }: Props) {
  const { cluster, hostname } = await params;
  return <WorkerPage cluster={decodeParam(cluster)} hostname={decodeParam(hostname)} />;
}
