// Sends a signature, whatever it is: expands chains, groups and chords as Celery's own sender does (they never travel
// themselves). Ids are given before anything is sent, so that a chain's later steps are known. Mirrors celery.canvas.
import { randomUUID } from 'node:crypto';
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import { withExtraArguments, type Signature } from '../celery/signature.ts';
import { AppError } from '../core/errors.ts';
import { fromCeleryOptions, signatureList, type ApplyOptions } from './apply-options.ts';
import { bodyOf, errorLinked, fold, headerOf, linked, tasksOf } from './canvas-algebra.ts';
import {
  chainSteps,
  chordSize,
  chunksAsGroup,
  finishing,
  flatGroup,
  identified,
} from './freeze.ts';
import type { ResultTuple } from '../celery/result-tuple.ts';
import type { PublishTask } from './publish-task.ts';

/** What was sent: the ids as Celery keeps them. */
export type Sent = ResultTuple;

export type ExpandParts = {
  publishTask: PublishTask;
  /** How chords are counted; null when the backend cannot. */
  chords: {
    /** Before the last member is sent. */
    prepare: (groupId: string, size: number, members: readonly Sent[]) => Promise<void>;
    /** After all members were sent. */
    watch: (groupId: string, body: Signature, members: readonly Sent[]) => Promise<void>;
  } | null;
};

const MAX_DEPTH = 50;

export async function sendSignature(
  parts: ExpandParts,
  sig: Signature,
  args: PyValue[] = [],
  context: ApplyOptions = {},
  depth = 0,
): Promise<Sent> {
  if (depth > MAX_DEPTH) throw new AppError('bad_request', 'The canvas is nested too deeply.');
  const options = mergeOptions(fromCeleryOptions(sig.options), context);
  switch (sig.subtaskType) {
    case 'chain':
      return sendChain(parts, sig, args, options, depth);
    case 'group':
      return sendGroup(parts, sig, args, options, depth);
    case 'chord':
      return sendChord(parts, sig, args, options, depth);
    case 'chunks':
      return sendGroup(parts, chunksAsGroup(sig), args, options, depth);
    default: {
      const applied = withExtraArguments(sig, args, (context.kwargs ?? {}) as PyDict);
      const { kwargs: _, ...rest } = options;
      const { id } = await parts.publishTask(applied.task, applied.args, applied.kwargs, rest);
      return { id, parent: null, children: null };
    }
  }
}

/** What is given at apply time wins, links add up, and a group and the stamps that the signature has stay. */
export function mergeOptions(own: ApplyOptions, given: ApplyOptions): ApplyOptions {
  const merged: ApplyOptions = { ...own, ...given };
  const link = [...(signatureList(own.link) ?? []), ...(signatureList(given.link) ?? [])];
  const errors = [
    ...(signatureList(own.linkError) ?? []),
    ...(signatureList(given.linkError) ?? []),
  ];
  if (link.length > 0) merged.link = link;
  if (errors.length > 0) merged.linkError = errors;
  if (own.chain !== undefined && given.chain !== undefined) {
    merged.chain = [...given.chain, ...own.chain];
  }
  if (own.groupId !== undefined) merged.groupId = own.groupId;
  if (own.stampedHeaders !== undefined && given.stampedHeaders !== undefined) {
    merged.stampedHeaders = [...new Set([...own.stampedHeaders, ...given.stampedHeaders])];
    merged.stamps = { ...given.stamps, ...own.stamps };
  }
  return merged;
}

async function sendChain(
  parts: ExpandParts,
  sig: Signature,
  args: PyValue[],
  options: ApplyOptions,
  depth: number,
): Promise<Sent> {
  const { taskId, link, linkError, chord, groupId, groupIndex, chain = [], ...shared } = options;
  const place = { taskId, groupId, groupIndex, chord };
  const steps = chainSteps(sig).map((step, index, all) => {
    const isLast = index === all.length - 1;
    let ready = isLast ? finishing(step, place) : step;
    if (isLast) ready = (signatureList(link) ?? []).reduce(linked, ready);
    return identified((signatureList(linkError) ?? []).reduce(errorLinked, ready));
  });
  const [first, ...rest] = steps;
  if (first === undefined) throw new AppError('bad_request', 'The chain is empty.');
  const remaining = [...chain, ...rest.map(({ sig: step }) => step).reverse()];
  const { queue: _queue, ...context } = shared;
  const firstSent = await sendSignature(
    parts,
    first.sig,
    args,
    { ...context, ...(remaining.length > 0 ? { chain: remaining } : {}) },
    depth + 1,
  );
  return rest.reduce<Sent>(
    (parent, step) => ({ id: step.id, parent, children: step.members }),
    firstSent,
  );
}

async function sendGroup(
  parts: ExpandParts,
  sig: Signature,
  args: PyValue[],
  options: ApplyOptions,
  depth: number,
): Promise<Sent> {
  const {
    chain: rest = [],
    taskId,
    groupId,
    groupIndex,
    chord,
    link,
    linkError,
    ...shared
  } = options;
  let whole = (signatureList(link) ?? []).reduce(linked, sig);
  whole = (signatureList(linkError) ?? []).reduce(errorLinked, whole);
  if (chord !== undefined) whole = finishing(whole, { taskId, groupId, groupIndex, chord });
  if (rest.length > 0) {
    const followed = fold([withoutOptions(whole), ...[...rest].reverse()]);
    return sendSignature(parts, followed, args, shared, depth + 1);
  }
  const id = taskId ?? groupId ?? randomUUID();
  const children: Sent[] = [];
  for (const [index, task] of flatGroup(tasksOf(whole)).entries()) {
    const member = 'chord' in task.options ? task : withoutGroup(task);
    const place = { ...shared, groupId: id, groupIndex: index };
    const own = fromCeleryOptions(member.options);
    if (own.groupIndex !== undefined) place.groupIndex = own.groupIndex;
    children.push(await sendSignature(parts, member, args, place, depth + 1));
  }
  return { id, parent: null, children };
}

async function sendChord(
  parts: ExpandParts,
  sig: Signature,
  args: PyValue[],
  options: ApplyOptions,
  depth: number,
): Promise<Sent> {
  const { chain = [], taskId, groupId, groupIndex, chord, link, linkError, ...shared } = options;
  let body = bodyOf(sig);
  if (chain.length > 0) body = fold([body, ...[...chain].reverse()]);
  body = finishing(body, { taskId, groupId, groupIndex, chord });
  body = (signatureList(link) ?? []).reduce(linked, body);
  body = (signatureList(linkError) ?? []).reduce(errorLinked, body);
  const { sig: prepared, id: bodyId, members } = identified(body);
  const header = flatGroup(headerOf(sig)).map(identified);
  const { queue: _queue, ...context } = shared;
  if (header.length === 0) return sendSignature(parts, prepared, [[]], context, depth + 1);
  if (parts.chords === null) {
    throw new AppError('unsupported', 'This result backend cannot count the members of a chord.');
  }
  const headerId = headerIdOf(sig) ?? randomUUID();
  const awaited = header.map(({ id, members }) => ({ id, parent: null, children: members }));
  await parts.chords.prepare(headerId, chordSize(header.map((one) => one.sig)), awaited);
  const children: Sent[] = [];
  for (const [index, task] of header.entries()) {
    children.push(
      await sendSignature(
        parts,
        withoutGroup(task.sig),
        args,
        { ...context, groupId: headerId, groupIndex: index, chord: prepared },
        depth + 1,
      ),
    );
  }
  await parts.chords.watch(headerId, prepared, awaited);
  return { id: bodyId, parent: { id: headerId, parent: null, children }, children: members };
}

/** The id that a frozen header has already. */
function headerIdOf(sig: Signature): string | null {
  const header = sig.kwargs['header'] as PyDict | PyValue[] | undefined;
  if (header === undefined || Array.isArray(header)) return null;
  const { task_id: id } = (header['options'] ?? {}) as PyDict;
  return typeof id === 'string' ? id : null;
}

function withoutOptions(sig: Signature): Signature {
  return { ...sig, options: {} };
}

function withoutGroup(sig: Signature): Signature {
  const { group_id: _id, group_index: _index, chord: _chord, ...options } = sig.options;
  return { ...sig, options };
}
