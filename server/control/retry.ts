// Sends a task again: a new task with a new id, linked with the original in both directions.
import { randomUUID } from 'node:crypto';
import { parsePythonLiteral } from '../../lib/python/literal.ts';
import { isPyDict, PyTuple, type PyDict, type PyValue } from '../../lib/python/values.ts';
import type { RetryForm, RetryOutcome, RetryRequest } from '../../lib/contract/index.ts';
import { decodeKombuJson } from '../celery/codec/kombu-json.ts';
import type { TaskEmbed } from '../celery/message.ts';
import { decodeSignatures } from '../celery/signature.ts';
import { AppError } from '../core/errors.ts';
import { audited } from './audit.ts';
import type { Actor } from './control.ts';
import type { ControlDeps } from './deps.ts';
import { publishNew } from './publish-new.ts';
import { retryForm } from './retry-form.ts';

export async function retry(
  deps: ControlDeps,
  actor: Actor,
  id: string,
  request: RetryRequest,
): Promise<RetryOutcome> {
  const parameters = {
    type: request.type,
    queue: request.queue,
    priority: request.priority,
    filled: request.filled,
  };
  return audited(
    deps,
    { actor, action: 'retry', target: id, parameters },
    () => send(deps, actor, id, request),
    (outcome) => ({ outcome: 'ok', detail: `sent as ${outcome.id}` }),
  );
}

async function send(
  deps: ControlDeps,
  actor: Actor,
  originalId: string,
  request: RetryRequest,
): Promise<RetryOutcome> {
  const form = await retryForm(deps, originalId);
  const args = readArgs(request.args);
  const kwargs = readKwargs(request.kwargs);
  const headers = request.headers === undefined ? form.headers.text : request.headers;
  const priority = request.priority === undefined ? knownPriority(form) : request.priority;
  const newId = randomUUID();
  const exchange = request.exchange ?? '';
  const notes = await publishNew(
    deps,
    {
      id: newId,
      name: request.type,
      args,
      kwargs,
      embed: readEmbed(form, request),
      timeLimit: readLimit(form),
      customHeaders: headers === null ? {} : readDict(headers, 'headers'),
      priority,
      queue: request.queue,
      exchange,
      routingKey: exchange === '' ? request.queue : (request.routingKey ?? request.queue),
    },
    form.serializer ?? 'json',
  );
  await deps.collector.annotate({
    type: 'retried',
    originalId,
    newId,
    taskType: request.type,
    queue: request.queue,
    actor: actor.name,
    at: deps.clock.now(),
  });
  if (form.chord.note !== null) notes.push(form.chord.note);
  return { id: newId, originalId, queue: request.queue, notes };
}

function readArgs(text: string): PyValue[] {
  const value = readLiteral(text, 'args');
  if (value instanceof PyTuple) return [...value.items];
  if (Array.isArray(value)) return value;
  throw new AppError('bad_request', 'args: expected a tuple or a list, such as (1, "two")');
}

function readKwargs(text: string): PyDict {
  const value = readLiteral(text, 'kwargs');
  if (isPyDict(value)) return value;
  throw new AppError('bad_request', "kwargs: expected a dict, such as {'name': 1}");
}

function readLiteral(text: string, field: string): PyValue {
  const literal = parsePythonLiteral(text);
  if (literal.ok) return literal.value;
  throw new AppError(
    'bad_request',
    `${field}: ${literal.message} (at character ${String(literal.position + 1)})`,
  );
}

function readDict(text: string, field: string): PyDict {
  const decoded = decodeKombuJson(text);
  if (decoded.ok && isPyDict(decoded.value)) return decoded.value;
  throw new AppError('bad_request', `${field}: expected a JSON object`);
}

function readEmbed(form: RetryForm, request: RetryRequest): Partial<TaskEmbed> {
  const embed: Partial<TaskEmbed> = {};
  if (request.includeLinks && form.links.text !== null) {
    const links = readDict(form.links.text, 'links');
    embed.callbacks = readSignatures(links['callbacks'], 'callbacks');
    embed.errbacks = readSignatures(links['errbacks'], 'errbacks');
  }
  if (request.includeChain && form.chain.text !== null) {
    const chain = decodeKombuJson(form.chain.text);
    embed.chain = readSignatures(chain.ok ? chain.value : null, 'chain');
  }
  return embed;
}

function readSignatures(value: unknown, field: string) {
  const signatures = decodeSignatures(value, field);
  if (signatures.ok) return signatures.value;
  throw new AppError('bad_request', `${field}: ${signatures.message}`);
}

function knownPriority({ priority }: RetryForm): number | null {
  return priority.text === null ? null : Number(priority.text);
}

function readLimit(form: RetryForm): [number | null, number | null] | null {
  return form.timeLimit.text === null
    ? null
    : (JSON.parse(form.timeLimit.text) as [number | null, number | null]);
}
