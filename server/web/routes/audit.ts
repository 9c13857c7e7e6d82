// Who changed what: the audit log, newest first.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { auditPage } from '../../../lib/contract/index.ts';
import type { WebContext } from '../context.ts';
import { problems, withZod } from './shared.ts';

const auditQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cluster: z.string().max(100).optional(),
});

export function auditRoutes(fastify: FastifyInstance, context: WebContext): void {
  withZod(fastify).get(
    '/audit',
    {
      schema: {
        tags: ['audit'],
        summary: 'Every change that was asked for, by whom, and how it ended',
        querystring: auditQuery,
        response: { 200: auditPage, ...problems },
      },
    },
    (request) => {
      const { limit, cluster } = request.query;
      const query = cluster === undefined ? { limit } : { limit, cluster };
      return { items: context.deps.dashboard.listAudit(query) };
    },
  );
}
