import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { WorkersPage } from '@/components/workers/workers-page.tsx';

type Props = { params: Promise<{ cluster: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { cluster } = await params;
  return { title: `Workers · ${decodeParam(cluster)}` };
}

export default async function Page({ params }: Props) {
  const { cluster } = await params;
  return <WorkersPage cluster={decodeParam(cluster)} />;
}
