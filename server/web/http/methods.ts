// Answers every method that a path does not have: OPTIONS with what is allowed, anything else with 405.
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { createProblem, PROBLEM_TYPE } from './problem.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/** Call before the first route; the answer completes the table after the last. */
export function collectMethods(app: FastifyInstance): () => void {
  const byUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const methods = byUrl.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) methods.add(method.toUpperCase());
    byUrl.set(route.url, methods);
  });
  return () => {
    for (const [url, methods] of [...byUrl]) answerOthers(app, url, methods);
  };
}

function answerOthers(app: FastifyInstance, url: string, methods: ReadonlySet<string>): void {
  const allow = [...methods, 'OPTIONS'].sort().join(', ');
  const missing: HTTPMethods[] = METHODS.filter((method) => !methods.has(method));
  if (missing.length === 0) return;
  app.route({
    method: missing,
    url,
    config: { reads: true },
    schema: { hide: true },
    handler: (request, reply) => {
      void reply.header('allow', allow);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      return reply
        .code(405)
        .type(PROBLEM_TYPE)
        .send(createProblem(405, `${request.method} is not possible here; ${allow} are.`));
    },
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that changes nothing. */
    reads?: boolean;
    /** Asked without credentials. */
    open?: boolean;
  }
  interface FastifySchema {
    hide?: boolean;
    tags?: readonly string[];
    summary?: string;
    description?: string;
  }
}
