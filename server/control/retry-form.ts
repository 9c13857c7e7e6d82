// The form of a retry: every part of the task with the source it was learnt from. What is not known, or was cut on its way, is an
// empty field with what little is known as a hint; nothing is guessed.
import { parsePythonLiteral } from '../../lib/python/literal.ts';
import { isPyDict, PyBytes, PyTuple, type PyDict, type PyValue } from '../../lib/python/values.ts';
import type { RetryForm, RetryPart } from '../../lib/contract/index.ts';
import { encodeKombuJson } from '../celery/codec/kombu-json.ts';
import { encodeSignature, type Signature } from '../celery/signature.ts';
import type { MessageParts, TaskRecord } from '../store/task-record.ts';
import { createTextRedactor } from '../core/redact-text.ts';
import type { ControlDeps } from './deps.ts';
import { argsText, kwargsText, learnTask, type KnownTask } from './known-task.ts';

type Source = RetryPart['source'];

const CUT_HINT =
  'The worker shortened this text. Set resultrepr_maxsize / argsrepr_maxsize, or result_extended=True, to keep it whole next time.';

export async function retryForm(deps: ControlDeps, id: string): Promise<RetryForm> {
  const known = await learnTask(deps, id);
  const seen = seenParts(known.record);
  const queues = await deps.reader.queues();
  const member =
    known.message === null
      ? (seen?.chordMember ?? known.meta?.groupId != null)
      : known.message.task.embed?.chord != null;
  return {
    id,
    type: typePart(known),
    args: argumentPart(deps, known, 'args'),
    kwargs: argumentPart(deps, known, 'kwargs'),
    queue: queuePart(known),
    exchange: plainPart(known.record?.exchange ?? null, 'event'),
    routingKey: plainPart(known.record?.routingKey ?? null, 'event'),
    priority: priorityPart(known),
    headers: messagePart(
      deps,
      known,
      seen,
      (task) => dictText(task.customHeaders),
      (parts) => parts.customHeaders,
    ),
    links: linksPart(deps, known, seen),
    chain: messagePart(
      deps,
      known,
      seen,
      (task) => signaturesText(task.embed?.chain),
      (parts) => parts.chain,
    ),
    timeLimit: messagePart(
      deps,
      known,
      seen,
      (task) => limitText(task.timeLimit),
      (parts) => limitText(parts.timeLimit),
    ),
    serializer: serializerOf(known, seen),
    chord: {
      member,
      note: member
        ? 'This task counts towards a chord, which has had its result or will never have it. The new task is sent without the chord: its body would run twice otherwise.'
        : null,
    },
    queues: queues.filter((queue) => queue.kind === 'task').map((queue) => queue.name),
    notes: known.notes,
  };
}

const unknown = (hint: string | null): RetryPart => ({
  text: null,
  source: 'unknown',
  condition: 'unknown',
  hint,
});
const exact = (text: string, source: Source): RetryPart => ({
  text,
  source,
  condition: 'exact',
  hint: null,
});

const none = (source: Source): RetryPart => ({
  text: null,
  source,
  condition: 'none',
  hint: null,
});

function plainPart(text: string | null, source: Source): RetryPart {
  return text === null || text === '' ? none('unknown') : exact(text, source);
}

function typePart({ message, record, meta }: KnownTask): RetryPart {
  if (message !== null) return exact(message.task.name, message.source);
  if (record?.type != null) return exact(record.type, 'event');
  if (meta?.extended?.name != null) return exact(meta.extended.name, 'extended result');
  return unknown('No event named this task. Its type has to be filled in.');
}

function queuePart({ message, record, meta }: KnownTask): RetryPart {
  if (message !== null && message.queue !== '') return exact(message.queue, message.source);
  if (meta?.extended?.queue != null) return exact(meta.extended.queue, 'extended result');
  if (record?.queue != null)
    return exact(record.queue, seenInBroker(record) ? 'waiting message' : 'event');
  return unknown(
    'Events name the queue only with task_send_sent_event, results only with result_extended.',
  );
}

function priorityPart({ message, record }: KnownTask): RetryPart {
  if (message !== null) {
    return message.priority === null
      ? none(message.source)
      : exact(String(message.priority), message.source);
  }
  if (record?.priority != null)
    return exact(String(record.priority), seenInBroker(record) ? 'waiting message' : 'inspect');
  return unknown(
    'No event carries the priority; it is known when the message was seen waiting. Empty: the queue’s default.',
  );
}

const seenInBroker = (record: TaskRecord): boolean =>
  record.argsSource === 'message' || record.messageParts !== null;

function argumentPart(deps: ControlDeps, known: KnownTask, which: 'args' | 'kwargs'): RetryPart {
  const { message, meta, record } = known;
  if (message !== null) {
    const value = message.task[which];
    if (value !== null) return valuePart(deps, value, which, message.source);
    return {
      text: null,
      source: message.source,
      condition: 'opaque',
      hint: message.task.bodyIssue,
    };
  }
  const extended = meta?.extended?.[which];
  if (isArguments(extended, which)) return valuePart(deps, extended, which, 'extended result');
  const text = record?.[which] ?? null;
  if (record === null || text === null) return unknown('No source knows the arguments.');
  const source: Source =
    record.argsSource === 'message'
      ? 'waiting message'
      : record.argsSource === 'inspect'
        ? 'inspect'
        : 'event';
  return textPart(deps, text, which, source, record.argsExact);
}

function isArguments(
  value: PyValue | undefined,
  which: 'args' | 'kwargs',
): value is PyValue[] | PyDict {
  return which === 'args' ? Array.isArray(value) || value instanceof PyTuple : isPyDict(value);
}

function valuePart(
  deps: ControlDeps,
  value: PyValue[] | PyDict | PyTuple,
  which: 'args' | 'kwargs',
  source: Source,
): RetryPart {
  const items = value instanceof PyTuple ? [...value.items] : value;
  const text = which === 'args' ? argsText(items as PyValue[]) : kwargsText(items as PyDict);
  return textAsKept(deps, text, source);
}

/** Masked as the pages show it: a secret may also stand inside a string. */
function textAsKept(deps: ControlDeps, text: string, source: Source): RetryPart {
  const shown = createTextRedactor(deps.redactKeys)?.(text) ?? text;
  return shown === text ? exact(text, source) : redacted(source, shown);
}

function redacted(source: Source, hint: string | null): RetryPart {
  const why = 'Values under redacted keys are masked here and were not kept.';
  return {
    text: null,
    source,
    condition: 'redacted',
    hint: hint === null ? why : `${why} ${hint}`,
  };
}

function textPart(
  deps: ControlDeps,
  text: string,
  which: 'args' | 'kwargs',
  source: Source,
  isExact: boolean,
): RetryPart {
  if (deps.redactKeys.length > 0 && text.includes('***')) return redacted(source, text);
  const literal = parsePythonLiteral(text);
  if (!literal.ok) {
    const cut = 'truncated' in literal;
    return {
      text: null,
      source,
      condition: cut ? 'cut' : 'unknown',
      hint: `${cut ? CUT_HINT : 'This text cannot be read as Python values.'} Known: ${text}`,
    };
  }
  const shape =
    which === 'args'
      ? Array.isArray(literal.value) || literal.value instanceof PyTuple
      : isPyDict(literal.value);
  if (!shape)
    return {
      text: null,
      source,
      condition: 'unknown',
      hint: `Expected ${which === 'args' ? 'a tuple or list' : 'a dict'}. Known: ${text}`,
    };
  if (isExact) return exact(text, source);
  const doubt = doubtOf(literal.value);
  if (doubt === 'cut') {
    return { text: null, source, condition: 'cut', hint: `${CUT_HINT} Known: ${text}` };
  }
  if (doubt === 'bytes') {
    const hint = `Workers write bytes in events as text or as hexadecimal digits, so what was sent is ambiguous. Known: ${text}`;
    return { text: null, source, condition: 'unknown', hint };
  }
  if (text.includes('\\')) {
    const hint = `Workers do not escape backslashes in events, so what was sent is ambiguous. Known: ${text}`;
    return { text: null, source, condition: 'unknown', hint };
  }
  return {
    text,
    source,
    condition: 'parsed',
    hint: 'Read from the text of an event, which was not shortened.',
  };
}

/** Celery cuts a long text inside its quotes (`'abc...'`): it reads like any other value and is not what was sent. */
function doubtOf(value: PyValue): 'cut' | 'bytes' | null {
  if (typeof value === 'string') return value.endsWith('...') ? 'cut' : null;
  if (value instanceof PyBytes) return 'bytes';
  if (typeof value !== 'object' || value === null) return null;
  const inner = Array.isArray(value)
    ? value
    : value instanceof PyTuple
      ? value.items
      : isPyDict(value)
        ? [...Object.keys(value), ...Object.values(value)]
        : [];
  for (const item of inner) {
    const doubt = doubtOf(item);
    if (doubt !== null) return doubt;
  }
  return null;
}

function seenParts(record: TaskRecord | null): MessageParts | null {
  if (record?.messageParts == null) return null;
  try {
    return JSON.parse(record.messageParts) as MessageParts;
  } catch {
    return null;
  }
}

function messagePart(
  deps: ControlDeps,
  known: KnownTask,
  seen: MessageParts | null,
  fromMessage: (task: NonNullable<KnownTask['message']>['task']) => string | null,
  fromSeen: (parts: MessageParts) => string | null,
): RetryPart {
  if (known.message !== null) {
    const text = fromMessage(known.message.task);
    if (text !== null) return textAsKept(deps, text, known.message.source);
    if (known.message.task.bodyIssue === null) return none(known.message.source);
    return unknown(known.message.task.bodyIssue);
  }
  if (seen === null)
    return unknown('Only the message carries this, and it was not seen in the broker.');
  const text = fromSeen(seen);
  return text === null ? none('waiting message') : exact(text, 'waiting message');
}

function linksPart(deps: ControlDeps, known: KnownTask, seen: MessageParts | null): RetryPart {
  return messagePart(
    deps,
    known,
    seen,
    (task) =>
      joinLinks(signaturesText(task.embed?.callbacks), signaturesText(task.embed?.errbacks)),
    (parts) => joinLinks(parts.callbacks, parts.errbacks),
  );
}

function joinLinks(callbacks: string | null, errbacks: string | null): string | null {
  if (callbacks === null && errbacks === null) return null;
  return `{"callbacks": ${callbacks ?? 'null'}, "errbacks": ${errbacks ?? 'null'}}`;
}

function signaturesText(signatures: readonly Signature[] | null | undefined): string | null {
  if (signatures === null || signatures === undefined || signatures.length === 0) return null;
  return encodeKombuJson(signatures.map(encodeSignature));
}

function dictText(dict: PyDict): string | null {
  return Object.keys(dict).length === 0 ? null : encodeKombuJson(dict);
}

function limitText(limit: [number | null, number | null] | null): string | null {
  return limit === null || (limit[0] === null && limit[1] === null) ? null : JSON.stringify(limit);
}

const SERIALIZERS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/x-yaml': 'yaml',
  'application/x-msgpack': 'msgpack',
};

function serializerOf(known: KnownTask, seen: MessageParts | null): string | null {
  if (known.message !== null) return SERIALIZERS[known.message.task.contentType] ?? null;
  return seen?.serializer ?? null;
}
