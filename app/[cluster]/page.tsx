import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { OverviewPage } from '@/components/overview/overview-page.tsx';

type Props = { params: Promise<{ cluster: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { cluster } = await params;
  return { title: `Overview · ${decodeParam(cluster)}` };
}

export default async function Page({ params }: Props) {
  const { cluster } = await params;
  return <OverviewPage cluster={decodeParam(cluster)} />;
}
