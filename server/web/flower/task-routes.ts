// Reading tasks and results by Flower's paths.
import type { FastifyInstance } from 'fastify';
import type { Filter } from '../../../lib/filter/filter.ts';
import { parseMoment } from '../../../lib/filter/values.ts';
import { AppError } from '../../core/errors.ts';
import { defaultCluster, type WebContext } from '../context.ts';
import { argumentsOf, restOf, type FlowerArguments } from './arguments.ts';
import { datatableRoutes } from './datatable.ts';
import { parseFlowerSearch } from './search.ts';
import { exactly, inState, listRecords, MAX_LISTED } from './task-list.ts';
import { toFlowerTask } from './task-shape.ts';
import { waitForResult } from './wait-for-result.ts';

const DEFAULT_LIMIT = 1000;
const SORTS: ReadonlySet<string> = new Set(['name', 'state', 'received', 'started']);

export function flowerTaskRoutes(app: FastifyInstance, context: WebContext): void {
  const cluster = defaultCluster(context);
  const { reader } = cluster;

  app.get('/api/tasks', async (request, reply) => {
    const given = argumentsOf(request);
    const search = parseFlowerSearch(given.text('search') ?? '');
    if (!search.ok) return reply.code(400).send({ error: search.error });
    const { records, matching } = await listRecords(reader, {
      filters: [...filtersOf(given), search.filter],
      sort: sortOf(given.text('sort_by')),
      offset: Math.max(0, given.int('offset') ?? 0),
      limit: limitOf(given),
      now: context.clock.now(),
    });
    void reply.header('x-total-count', String(matching));
    return Object.fromEntries(records.map((record) => [record.id, toFlowerTask(record)]));
  });

  app.get('/api/task/types', async () => ({ 'task-types': await reader.taskTypes() }));

  app.get('/api/task/info/*', async (request) => {
    const id = restOf(request);
    const [records, detail] = await Promise.all([reader.getTaskRecords([id]), reader.getTask(id)]);
    const [record] = records;
    if (record === undefined) throw new AppError('not_found', `Unknown task '${id}'`);
    const children = detail?.childIds.filter((child) => child !== id) ?? [];
    return { worker: null, ...toFlowerTask(record, children) };
  });

  app.get('/api/task/result/*', async (request, reply) => {
    const id = restOf(request);
    const timeout = argumentsOf(request).float('timeout');
    if (timeout !== null && timeout < 0) {
      throw new AppError('bad_request', `Invalid argument '${timeout}' of type 'float'`);
    }
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return waitForResult(cluster, id, (timeout ?? 0) * 1000, gone.signal);
  });

  datatableRoutes(app, context);
}

function filtersOf(given: FlowerArguments): Filter[] {
  const filters: Filter[] = [];
  const worker = chosen(given.text('workername'));
  const name = chosen(given.text('taskname'));
  const state = chosen(given.text('state'));
  if (worker !== null) filters.push(exactly('worker', worker));
  if (name !== null) filters.push(exactly('name', name));
  if (state !== null) filters.push(inState(state));
  const from = momentOf(given.text('received_start'));
  const to = momentOf(given.text('received_end'));
  if (from !== null || to !== null) {
    filters.push({
      type: 'time',
      field: 'received',
      from: from === null ? null : { at: from },
      to: to === null ? null : { at: to },
    });
  }
  return filters;
}

function chosen(value: string | null): string | null {
  return value === null || value.toLowerCase() === 'all' ? null : value;
}

/** `YYYY-MM-DD HH:MM`, UTC. */
function momentOf(value: string | null): number | null {
  if (value === null) return null;
  const moment = parseMoment(value.replace(' ', 'T'));
  if (moment !== null) return moment.from;
  throw new AppError('bad_request', `Invalid argument '${value.slice(0, 100)}' of type 'datetime'`);
}

function sortOf(value: string | null): string {
  if (value === null) return '-updated';
  const descending = value.startsWith('-');
  const key = descending ? value.slice(1) : value;
  if (!SORTS.has(key)) {
    throw new AppError(
      'bad_request',
      `Invalid argument '${value.slice(0, 100)}' of type 'sort_by'`,
    );
  }
  return `${descending ? '-' : ''}${key === 'name' ? 'type' : key}`;
}

function limitOf(given: FlowerArguments): number {
  const limit = given.int('limit');
  if (limit === null) return DEFAULT_LIMIT;
  if (limit < 0) throw new AppError('bad_request', `Invalid argument '${limit}' of type 'int'`);
  return Math.min(limit, MAX_LISTED);
}
