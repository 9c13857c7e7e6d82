// Flower's paths for the default cluster, so that scripts and dashboards written for Flower keep working. Errors are sentences in plain
// text (never HTML: Flower's text/html made them a hole).
import type { FastifyInstance } from 'fastify';
import type { WebContext } from '../context.ts';
import { toProblem } from '../http/problem.ts';
import { FormBody } from './arguments.ts';
import { flowerControlRoutes } from './control-routes.ts';
import { flowerPageRoutes } from './page-routes.ts';
import { flowerSendRoutes } from './send-routes.ts';
import { flowerTaskRoutes } from './task-routes.ts';
import { flowerWorkerRoutes } from './worker-routes.ts';

export async function flowerRoutes(app: FastifyInstance, context: WebContext): Promise<void> {
  await app.register(async (flower) => {
    acceptForms(flower);
    flower.addHook('onRoute', (route) => {
      route.config = { ...route.config, plainErrors: true };
    });
    flower.setErrorHandler((error, request, reply) => {
      const { problem, logId } = toProblem(error);
      if (logId !== null) {
        const path = (request.raw.url ?? '').split('?', 1)[0]?.slice(0, 500);
        context.deps.logger.error({ err: error, id: logId, path }, 'request failed');
      }
      return reply
        .code(problem.status)
        .type('text/plain; charset=utf-8')
        .send(problem.status === 503 ? 'Broker or result backend unavailable' : problem.detail);
    });
    flower.addHook('onSend', async (_request, reply) => {
      void reply.header('cache-control', 'no-store');
    });
    flowerWorkerRoutes(flower, context);
    flowerControlRoutes(flower, context);
    flowerSendRoutes(flower, context);
    flowerTaskRoutes(flower, context);
    flowerPageRoutes(flower, context);
  });
}

/** Flower takes its arguments from forms, and tasks to send from a JSON body of whatever type it is said to be. */
function acceptForms(flower: FastifyInstance): void {
  flower.removeAllContentTypeParsers();
  flower.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new FormBody(body as string)),
  );
  flower.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors are plain sentences, as in Flower. */
    plainErrors?: boolean;
  }
}
