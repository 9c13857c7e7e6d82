import { Activity, CalendarClock, Layers, ListTree, Server, type LucideIcon } from 'lucide-react';
import { clusterPath } from '@/components/live/paths.ts';

export type NavEntry = {
  key: 'overview' | 'tasks' | 'queues' | 'workers' | 'schedule';
  label: string;
  path: string;
  icon: LucideIcon;
};

/** The pages of a cluster, in the order of the side bar. */
export const NAV: readonly NavEntry[] = [
  { key: 'overview', label: 'Overview', path: '', icon: Activity },
  { key: 'tasks', label: 'Tasks', path: '/tasks', icon: ListTree },
  { key: 'queues', label: 'Queues', path: '/queues', icon: Layers },
  { key: 'workers', label: 'Workers', path: '/workers', icon: Server },
  { key: 'schedule', label: 'Schedule', path: '/schedule', icon: CalendarClock },
];

/** A parameter as Next hands it over: still encoded, and possibly broken. */
export function decodeParam(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Which entry a path below the cluster belongs to. */
export function activeEntry(pathname: string, cluster: string): NavEntry['key'] {
  const rest = pathname.slice(clusterPath(cluster).length);
  return NAV.find((entry) => entry.path !== '' && rest.startsWith(entry.path))?.key ?? 'overview';
}
