import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { QueuePage } from '@/components/queues/queue-page.tsx';

type Props = { params: Promise<{ cluster: string; name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name } = await params;
  return { title: decodeParam(name) };
}

export default async function Page({ params }: Props) {
  const { cluster, name } = await params;
  return <QueuePage cluster={decodeParam(cluster)} name={decodeParam(name)} />;
}
