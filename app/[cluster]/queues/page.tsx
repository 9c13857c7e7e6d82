import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { QueuesPage } from '@/components/queues/queues-page.tsx';

type Props = { params: Promise<{ cluster: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { cluster } = await params;
  return { title: `Queues · ${decodeParam(cluster)}` };
}

export default async function Page({ params }: Props) {
  const { cluster } = await params;
  return <QueuesPage cluster={decodeParam(cluster)} />;
}
