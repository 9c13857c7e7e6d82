import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { TasksPage } from '@/components/tasks/tasks-page.tsx';

type Props = { params: Promise<{ cluster: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { cluster } = await params;
  return { title: `Tasks · ${decodeParam(cluster)}` };
}

export default async function Page({ params }: Props) {
  const { cluster } = await params;
  return <TasksPage cluster={decodeParam(cluster)} />;
}
