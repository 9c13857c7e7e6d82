import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { SchedulePage } from '@/components/schedule/schedule-page.tsx';

type Props = { params: Promise<{ cluster: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { cluster } = await params;
  return { title: `Schedule · ${decodeParam(cluster)}` };
}

export default async function Page({ params }: Props) {
  const { cluster } = await params;
  return <SchedulePage cluster={decodeParam(cluster)} />;
}
