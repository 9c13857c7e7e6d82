// The DataTables protocol of Flower's tasks page, which some scripts read.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../core/errors.ts';
import { defaultCluster, type WebContext } from '../context.ts';
import { argumentsOf } from './arguments.ts';
import { parseFlowerSearch } from './search.ts';
import { listRecords } from './task-list.ts';
import { toFlowerTask } from './task-shape.ts';

const SORTS: Readonly<Record<string, string>> = {
  name: 'type',
  state: 'state',
  received: 'received',
  started: 'started',
  runtime: 'runtime',
  worker: 'worker',
  retries: 'retries',
  timestamp: 'updated',
};
const MAX_LENGTH = 1000;

export function datatableRoutes(app: FastifyInstance, context: WebContext): void {
  const { reader } = defaultCluster(context);

  const answer = async (request: FastifyRequest): Promise<Record<string, unknown>> => {
    const given = argumentsOf(request);
    const draw = requiredInt(given.int('draw'), 'draw');
    const start = requiredInt(given.int('start'), 'start');
    const length = requiredInt(given.int('length'), 'length');
    const column = requiredInt(given.int('order[0][column]'), 'order[0][column]');
    const direction = given.required('order[0][dir]');
    const field = given.required(`columns[${column}][data]`);
    const search = parseFlowerSearch(given.text('search[value]') ?? '');
    const counts = Object.values(await reader.countsByState());
    const recordsTotal = counts.reduce((sum, count) => sum + count, 0);
    if (!search.ok) {
      return { draw, data: [], recordsTotal, recordsFiltered: 0, searchError: search.error };
    }
    const { records, matching } = await listRecords(reader, {
      filters: [search.filter],
      sort: `${direction === 'desc' ? '-' : ''}${sortField(field)}`,
      offset: Math.max(0, start),
      limit: length < 0 ? MAX_LENGTH : Math.min(length, MAX_LENGTH),
      now: context.clock.now(),
    });
    const data = records.map((record) => ({ worker: null, ...toFlowerTask(record) }));
    return { draw, data, recordsTotal, recordsFiltered: matching };
  };

  app.get('/tasks/datatable', answer);
  app.post('/tasks/datatable', { config: { reads: true } }, answer);
}

function sortField(field: string): string {
  return (Object.hasOwn(SORTS, field) ? SORTS[field] : undefined) ?? 'updated';
}

function requiredInt(value: number | null, name: string): number {
  if (value === null) throw new AppError('bad_request', `Argument '${name}' is required`);
  return value;
}
