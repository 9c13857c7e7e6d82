import {
  ArrowDownToLine,
  Ban,
  Check,
  CircleDashed,
  CircleHelp,
  CircleSlash,
  Clock,
  EyeOff,
  Play,
  RotateCw,
  X,
  type LucideIcon,
} from 'lucide-react';
import type { TaskState, WorkerState } from '@/lib/contract/index.ts';

type Look = { icon: LucideIcon; word: string; text: string; fill: string; token: string };

/** The one map from a task's state to its icon, word and colour. */
export const STATE_LOOK: Readonly<Record<TaskState, Look>> = {
  queued: look(CircleDashed, 'queued', 'text-queued', 'bg-queued'),
  scheduled: look(Clock, 'scheduled', 'text-scheduled', 'bg-scheduled'),
  received: look(ArrowDownToLine, 'received', 'text-received', 'bg-received'),
  started: look(Play, 'started', 'text-started', 'bg-started'),
  success: look(Check, 'success', 'text-success', 'bg-success'),
  retry: look(RotateCw, 'retry', 'text-retry', 'bg-retry'),
  failure: look(X, 'failure', 'text-failure', 'bg-failure'),
  revoked: look(CircleSlash, 'revoked', 'text-revoked', 'bg-revoked'),
  rejected: look(Ban, 'rejected', 'text-rejected', 'bg-rejected'),
  lost: look(CircleHelp, 'lost', 'text-lost', 'bg-lost'),
  unseen: look(EyeOff, 'ended unseen', 'text-unseen', 'bg-unseen'),
};

/** Online is calm; only what is late or gone takes a colour. */
export const WORKER_LOOK: Readonly<Record<WorkerState, Look>> = {
  online: look(Check, 'online', 'text-ink-2', 'bg-success'),
  late: look(Clock, 'late', 'text-retry', 'bg-retry'),
  offline: look(X, 'offline', 'text-failure', 'bg-failure'),
};

function look(icon: LucideIcon, word: string, text: string, fill: string): Look {
  return { icon, word, text, fill, token: `var(--${fill.slice(3)})` };
}
