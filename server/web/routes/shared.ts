// What the native routes share: parameters, the documentation of errors, and who asks.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem, rangeName } from '../../../lib/contract/index.ts';
import type { Actor } from '../../control/control.ts';

export function withZod(app: FastifyInstance) {
  return app.withTypeProvider<ZodTypeProvider>();
}

const clusterName = z.string().min(1).max(100).describe('Name of the cluster');
export const clusterParams = z.object({ cluster: clusterName });
export const taskParams = clusterParams.extend({ id: z.string().min(1).max(512) });
export const workerParams = clusterParams.extend({ hostname: z.string().min(1).max(255) });
export const queueParams = clusterParams.extend({ name: z.string().min(1).max(255) });

export const rangeQuery = z.object({ range: rangeName.default('1h') });

export const problems = {
  '4xx': problem.describe('What was wrong with the request'),
  '5xx': problem.describe('What was wrong here or behind us'),
};

/** 600 a minute and address: far above what a person does, far below what hurts a broker. */
export const mutationLimit = { rateLimit: { max: 600, timeWindow: 60_000 } };

export function actorOf(request: FastifyRequest): Actor {
  return { name: request.user ?? 'anonymous', address: request.ip };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asked, when credentials are configured. */
    user: string | null;
    /** For the pages' scripts. */
    nonce: string;
  }
}
