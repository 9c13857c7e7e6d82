// The commands of the runtime, by name. Nothing is loaded before it is asked for.
import type { CommandModule } from './context.ts';

type Listed = { summary: string; load: () => Promise<CommandModule> };

export const COMMANDS = {
  worker: { summary: 'run tasks', load: () => import('./worker-command.ts') },
  beat: { summary: 'send tasks by a schedule', load: () => import('./beat-command.ts') },
  call: { summary: 'call a task by its name', load: () => import('./call-command.ts') },
  result: { summary: 'print the result of a task', load: () => import('./result-command.ts') },
  status: {
    summary: 'list the workers that are online',
    load: () => import('./status-command.ts'),
  },
  inspect: { summary: 'ask the workers', load: () => import('./inspect-command.ts') },
  control: { summary: 'command the workers', load: () => import('./control-command.ts') },
  purge: { summary: 'remove all messages from queues', load: () => import('./purge-command.ts') },
  list: { summary: 'list what the broker has', load: () => import('./list-command.ts') },
  report: {
    summary: 'say what runs here, for a bug report',
    load: () => import('./report-command.ts'),
  },
  events: { summary: 'print events as they come', load: () => import('./events-command.ts') },
  dashboard: {
    summary: 'serve the dashboard for the app',
    load: () => import('./dashboard-command.ts'),
  },
  flower: { summary: '', load: () => import('./dashboard-command.ts') },
} as const satisfies Readonly<Record<string, Listed>>;

export type CommandName = keyof typeof COMMANDS;

export function isRuntimeCommand(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}
