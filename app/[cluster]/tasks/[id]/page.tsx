import type { Metadata } from 'next';
import { decodeParam } from '@/components/layout/nav.ts';
import { TaskPage } from '@/components/task/task-page.tsx';

type Props = { params: Promise<{ cluster: string; id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  return { title: `Task ${decodeParam(id)}` };
}

export default async function Page({ params }: Props) {
  const { cluster, id } = await params;
  return <TaskPage cluster={decodeParam(cluster)} id={decodeParam(id)} />;
}
