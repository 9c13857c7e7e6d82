// A job as it travels to a thread or a process of the pool: what every task has by position, what few have by name, and what the other side
// knows not at all. Names cost more than values when they are cloned.
import type { TaskRequest } from '../../client/task-types.ts';
import type { Job } from '../../client/attempt/attempt.ts';
import { packSignatures, unpackSignatures } from './packed-call.ts';

/** What a plain call has none of. */
const RARE_NAMES = [
  'retries',
  'groupId',
  'groupIndex',
  'etaAt',
  'expiresAt',
  'headers',
  'shadow',
  'ignoreResult',
  'timeLimitMs',
  'softTimeLimitMs',
  'replacedTaskNesting',
  'stampedHeaders',
  'stamps',
] as const satisfies readonly (keyof TaskRequest)[];
type Rare = Pick<TaskRequest, (typeof RARE_NAMES)[number]>;

/** Signatures travel as JSON: their arguments are values whose classes cloning would strip. */
const LINK_NAMES = [
  'callbacks',
  'errbacks',
  'chain',
] as const satisfies readonly (keyof TaskRequest)[];
type Links = { [name in (typeof LINK_NAMES)[number] | 'chord']?: string };

export type PackedJob = readonly [
  turn: number,
  key: number,
  id: string,
  name: string,
  args: unknown[],
  kwargs: Record<string, unknown> | null,
  /** Undefined where it is the id. */
  rootId: string | null | undefined,
  parentId: string | null,
  correlationId: string | null | undefined,
  replyTo: string | null,
  origin: string | null,
  exchange: string | null,
  routingKey: string | null,
  priority: number | null,
  redelivered: boolean | null,
  rare: Partial<Rare> | null,
  links: Links | null,
];

/** The turn of a job that nobody takes back: it runs when it arrives. */
export const AT_ONCE = 0;

/** `turn` is the number of this hand-over among those ahead of time to the same thread, or `AT_ONCE`. */
export function packJob(turn: number, { key, id, name, request }: Job): PackedJob {
  let rare: Record<string, unknown> | null = null;
  for (const each of RARE_NAMES) {
    const value = request[each];
    if (!isBlank(value) || (each === 'groupIndex' && value === 0)) (rare ??= {})[each] = value;
  }
  const { args, kwargs, deliveryInfo, correlationId } = request;
  return [
    turn,
    key,
    id,
    name,
    args,
    isBlank(kwargs) ? null : kwargs,
    request.rootId === id ? undefined : request.rootId,
    request.parentId,
    correlationId === id ? undefined : correlationId,
    request.replyTo,
    request.origin,
    deliveryInfo.exchange,
    deliveryInfo.routingKey,
    deliveryInfo.priority,
    deliveryInfo.redelivered,
    rare,
    packLinks(request),
  ];
}

/** What cannot be written the task does not see; the worker sends it as its message has it all the same. */
function packLinks(request: TaskRequest): Links | null {
  const links: Links = {};
  try {
    for (const each of LINK_NAMES) {
      if (request[each].length > 0) links[each] = packSignatures(request[each]);
    }
    if (request.chord !== null) links.chord = packSignatures([request.chord]);
  } catch {
    return null;
  }
  return isBlank(links) ? null : links;
}

export function unpackJob(packed: PackedJob, hostname: string): Job {
  const id = packed[2];
  const name = packed[3];
  const rare = packed[15];
  const links = packed[16];
  const plain: TaskRequest = {
    id,
    name,
    args: packed[4],
    kwargs: packed[5] ?? {},
    retries: 0,
    rootId: packed[6] === undefined ? id : packed[6],
    parentId: packed[7],
    groupId: null,
    groupIndex: null,
    hostname,
    etaAt: null,
    expiresAt: null,
    headers: {},
    deliveryInfo: {
      exchange: packed[11],
      routingKey: packed[12],
      priority: packed[13],
      redelivered: packed[14],
    },
    correlationId: packed[8] === undefined ? id : packed[8],
    replyTo: packed[9],
    origin: packed[10],
    shadow: null,
    ignoreResult: false,
    isEager: false,
    timeLimitMs: null,
    softTimeLimitMs: null,
    callbacks: [],
    errbacks: [],
    chain: [],
    chord: null,
    replacedTaskNesting: 0,
    children: [],
    stampedHeaders: [],
    stamps: {},
  };
  const request = rare === null ? plain : Object.assign(plain, rare);
  if (links !== null) unpackLinks(request, links);
  return { key: packed[1], id, name, request };
}

function unpackLinks(request: TaskRequest, links: Links): void {
  for (const each of LINK_NAMES) {
    const json = links[each];
    if (json !== undefined) request[each] = unpackSignatures(json);
  }
  if (links.chord !== undefined) request.chord = unpackSignatures(links.chord)[0] ?? null;
}

function isBlank(value: unknown): boolean {
  if (value === null || value === 0 || value === false) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}
