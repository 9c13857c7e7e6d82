// The commands that workers know, with the arguments of a command line for each. Commands of the app's own take `name=value`.
import { AppError } from '../../core/errors.ts';

type Parameter = { name: string; kind: 'text' | 'number' | 'flag' };
export type RemoteCommand = {
  help: string;
  parameters: readonly Parameter[];
  /** Takes whatever words are left. */
  rest?: string;
};

const text = (name: string): Parameter => ({ name, kind: 'text' });
const number = (name: string): Parameter => ({ name, kind: 'number' });
const plain = (help: string): RemoteCommand => ({ help, parameters: [] });

export const INSPECT: Readonly<Record<string, RemoteCommand>> = {
  active: plain('tasks that run'),
  active_queues: plain('queues that are taken from'),
  clock: plain('the logical clock'),
  conf: { help: 'settings', parameters: [{ name: 'with_defaults', kind: 'flag' }] },
  memdump: { help: 'samples of the memory', parameters: [number('samples')] },
  memsample: plain('the memory now'),
  objgraph: plain('not in this worker: a graph of Python objects'),
  ping: plain('whether it is there'),
  query_task: { help: 'what is known of tasks', parameters: [], rest: 'ids' },
  registered: { help: 'tasks it knows', parameters: [], rest: 'taskinfoitems' },
  report: plain('what runs there'),
  reserved: plain('tasks that wait for the pool'),
  revoked: plain('ids of revoked tasks'),
  scheduled: plain('tasks that wait for their time'),
  stats: plain('counts and resources'),
};

export const CONTROL: Readonly<Record<string, RemoteCommand>> = {
  add_consumer: {
    help: 'take from a queue',
    parameters: [text('queue'), text('exchange'), text('exchange_type'), text('routing_key')],
  },
  autoscale: { help: 'other bounds', parameters: [number('max'), number('min')] },
  cancel_consumer: { help: 'take no more from a queue', parameters: [text('queue')] },
  disable_events: plain('no more events about tasks'),
  election: {
    help: 'one worker acts',
    parameters: [text('id'), text('topic'), text('action')],
  },
  enable_events: plain('events about tasks'),
  heartbeat: plain('a heartbeat now'),
  pool_grow: { help: 'more at the same time', parameters: [number('n')] },
  pool_restart: plain('a new pool'),
  pool_shrink: { help: 'fewer at the same time', parameters: [number('n')] },
  rate_limit: { help: 'limit a type of task', parameters: [text('task_name'), text('rate_limit')] },
  revoke: { help: 'drop tasks', parameters: [], rest: 'task_id' },
  revoke_by_stamped_headers: { help: 'drop tasks by stamps', parameters: [], rest: 'headers' },
  shutdown: plain('stop the worker'),
  terminate: { help: 'stop running tasks', parameters: [text('signal')], rest: 'task_id' },
  time_limit: {
    help: 'limit a type of task in time',
    parameters: [text('task_name'), number('soft'), number('hard')],
  },
};

/** Throws AppError bad_request when there are too many words, or a word is no number. */
export function toArguments(
  command: RemoteCommand,
  words: readonly string[],
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const { parameters, rest } = command;
  for (const [index, { name, kind }] of parameters.entries()) {
    const word = words[index];
    if (word === undefined) break;
    given[name] = kind === 'number' ? toNumber(name, word) : kind === 'flag' ? isYes(word) : word;
  }
  const left = words.slice(parameters.length);
  if (rest !== undefined) {
    if (left.length > 0) given[rest] = left;
  } else if (left.length > 0) {
    const names = parameters.map(({ name }) => name).join(' ');
    throw new AppError('bad_request', `The command takes these arguments: ${names || 'none'}`);
  }
  return given;
}

/** For commands of the app's own: each word is `name=value`, the value JSON or else text. */
export function toNamedArguments(words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new AppError('bad_request', `"${word}" is not of the form name=value.`);
      return [word.slice(0, at), jsonOrText(word.slice(at + 1))];
    }),
  );
}

function jsonOrText(word: string): unknown {
  try {
    return JSON.parse(word) as unknown;
  } catch {
    return word;
  }
}

function toNumber(name: string, word: string): number {
  const value = Number(word);
  if (word.trim() === '' || !Number.isFinite(value)) {
    throw new AppError('bad_request', `${name} has to be a number, not "${word}".`);
  }
  return value;
}

function isYes(word: string): boolean {
  return ['true', 'yes', '1'].includes(word.toLowerCase());
}
