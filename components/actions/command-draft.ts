import { workerCommand, type WorkerCommand } from '@/lib/contract/control.ts';

export type CommandName = WorkerCommand['command'];

export type CommandField = {
  name: string;
  label: string;
  kind: 'number' | 'text' | 'queue' | 'own-queue' | 'type';
  hint?: string;
  optional?: boolean;
};

export type CommandLook = {
  title: string;
  button: string;
  /** What happens, before it happens. */
  says: string;
  fields: readonly CommandField[];
  risk?: boolean;
  /** The hostname has to be typed first. */
  typed?: boolean;
};

const N: CommandField = { name: 'n', label: 'Slots', kind: 'number' };
const TYPE: CommandField = { name: 'type', label: 'Task type', kind: 'type' };

export const COMMANDS: Readonly<Record<CommandName, CommandLook>> = {
  pool_grow: {
    title: 'Grow the pool',
    button: 'Grow',
    says: 'Adds slots until the worker is restarted.',
    fields: [N],
  },
  pool_shrink: {
    title: 'Shrink the pool',
    button: 'Shrink',
    says: 'Takes slots away until the worker is restarted. Running tasks end first.',
    fields: [N],
  },
  autoscale: {
    title: 'Autoscale',
    button: 'Set limits',
    says: 'Lets the pool grow and shrink between two sizes.',
    fields: [
      { name: 'min', label: 'At least', kind: 'number' },
      { name: 'max', label: 'At most', kind: 'number' },
    ],
  },
  add_consumer: {
    title: 'Consume a queue',
    button: 'Consume',
    says: 'The worker takes tasks from this queue too, until it is restarted. A queue that does not exist is created.',
    fields: [{ name: 'queue', label: 'Queue', kind: 'queue' }],
  },
  cancel_consumer: {
    title: 'Stop consuming a queue',
    button: 'Stop consuming',
    says: 'The worker takes no more tasks from this queue, until it is restarted. What it already holds it still runs.',
    fields: [{ name: 'queue', label: 'Queue', kind: 'own-queue' }],
    risk: true,
  },
  rate_limit: {
    title: 'Rate limit',
    button: 'Set limit',
    says: 'How often this worker starts tasks of a type, until it is restarted.',
    fields: [
      TYPE,
      {
        name: 'rateLimit',
        label: 'Limit',
        kind: 'text',
        hint: 'Such as 10/s, 100/m, 5/h. 0 removes the limit.',
      },
    ],
  },
  time_limit: {
    title: 'Time limits',
    button: 'Set limits',
    says: "For tasks of a type, until the worker is restarted. Umbel's own workers apply them to the next task; Python's to what they receive after their pool was restarted, or their connection renewed.",
    fields: [
      TYPE,
      {
        name: 'softMs',
        label: 'Soft, seconds',
        kind: 'number',
        optional: true,
        hint: 'Raises an exception in the task. Empty: none.',
      },
      {
        name: 'hardMs',
        label: 'Hard, seconds',
        kind: 'number',
        optional: true,
        hint: 'Ends the process. Empty: none.',
      },
    ],
  },
  enable_events: {
    title: 'Enable task events',
    button: 'Enable',
    says: 'The worker tells about every task from now on. To keep it so, start it with -E.',
    fields: [],
  },
  disable_events: {
    title: 'Disable task events',
    button: 'Disable',
    says: 'The worker tells nothing about its tasks any more: they are not seen here then.',
    fields: [],
    risk: true,
  },
  pool_restart: {
    title: 'Restart the pool',
    button: 'Restart the pool',
    says: 'All processes of the pool are replaced. Running tasks are ended.',
    fields: [],
    risk: true,
  },
  shutdown: {
    title: 'Shut down',
    button: 'Shut down',
    says: 'The worker finishes the tasks that run, gives back the others and ends. Nothing here can start it again.',
    fields: [],
    risk: true,
    typed: true,
  },
};

export type CommandProblems = Readonly<Record<string, string>>;
export type CommandResult =
  { ok: true; command: WorkerCommand } | { ok: false; problems: CommandProblems };

/** Reads the fields of a form as the command that the contract knows. An empty box is never a zero. */
export function toCommand(
  name: CommandName,
  values: Readonly<Record<string, string>>,
): CommandResult {
  const problems: Record<string, string> = {};
  const body: Record<string, unknown> = { command: name };
  for (const field of COMMANDS[name].fields) {
    const text = (values[field.name] ?? '').trim();
    if (text === '') {
      if (field.optional === true) body[field.name] = null;
      else problems[field.name] = 'Please fill this in.';
    } else if (field.kind !== 'number') {
      body[field.name] = text;
    } else if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) {
      problems[field.name] = 'A number is needed.';
    } else {
      body[field.name] = field.name.endsWith('Ms') ? Number(text) * 1000 : Number(text);
    }
  }
  if (name === 'autoscale' && Number(body['min']) > Number(body['max'])) {
    problems['min'] = 'This is more than the upper limit.';
  }
  const parsed = workerCommand.safeParse(body);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = String(issue.path[0] ?? '');
      problems[path] ??= issue.message;
    }
  }
  return parsed.success && Object.keys(problems).length === 0
    ? { ok: true, command: parsed.data }
    : { ok: false, problems };
}
