// The native API under /api/v1, from zod schemas; its description at /api/v1/openapi.json.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, validatorCompiler } from 'fastify-type-provider-zod';
import type { WebContext } from '../context.ts';
import { auditRoutes } from './audit.ts';
import { clusterRoutes } from './clusters.ts';
import { queueRoutes } from './queues.ts';
import { scheduleRoutes } from './schedule.ts';
import { taskRoutes } from './tasks.ts';
import { workerRoutes } from './workers.ts';

export async function nativeRoutes(app: FastifyInstance, context: WebContext): Promise<void> {
  const { options } = context.deps;
  await app.register(
    async (api) => {
      api.setValidatorCompiler(validatorCompiler);
      // The schemas document answers and tests hold them to it; checking each again while serving would only cost time.
      api.setSerializerCompiler(() => (data) => JSON.stringify(data));
      acceptOnlyJson(api);
      api.addHook('onSend', async (_request, reply) => {
        void reply.header('cache-control', 'no-store');
      });
      await api.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'Umbel',
            description:
              'The live dashboard for Celery clusters. Times are epoch milliseconds; unknown is null, never zero; errors are problem details (RFC 9457).',
            version: options.version,
          },
          servers: [{ url: options.basePath === '' ? '/' : options.basePath }],
        },
        transform: jsonSchemaTransform,
      });
      clusterRoutes(api, context);
      taskRoutes(api, context);
      workerRoutes(api, context);
      queueRoutes(api, context);
      scheduleRoutes(api, context);
      auditRoutes(api, context);
      api.get('/openapi.json', { schema: { hide: true } }, () => api.swagger());
    },
    { prefix: '/api/v1' },
  );
}

/** Also against forged forms: a page elsewhere cannot send JSON without being asked for permission first. */
function acceptOnlyJson(api: FastifyInstance): void {
  api.removeAllContentTypeParsers();
  const parse = api.getDefaultJsonParser('error', 'error');
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') {
      done(null, {});
      return;
    }
    void parse(request, body as string, done);
  });
}
