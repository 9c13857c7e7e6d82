// Hands everything that is no route of ours to the pages, with the policy and the nonce that they read from the request.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pagePolicy } from '../auth/security-headers.ts';
import type { WebOptions } from '../deps.ts';
import type { Pages } from '../pages.ts';
import { pageUrl } from './base-path.ts';
import { createProblem, PROBLEM_TYPE } from './problem.ts';

/** Never pages: a typo in an API address must not answer with HTML. */
const DATA_PATHS = /^\/(api|metrics|healthcheck|livez|readyz|socket\.io)(\/|\?|$)/;

export function addPages(app: FastifyInstance, pages: Pages | null, options: WebOptions): void {
  app.setNotFoundHandler(async (request, reply) => {
    const readable = request.method === 'GET' || request.method === 'HEAD';
    const isPage = !DATA_PATHS.test(request.raw.url ?? '/');
    if (pages === null || !isPage) {
      const detail = `There is nothing at ${request.url.slice(0, 200)}.`;
      return reply.code(404).type(PROBLEM_TYPE).send(createProblem(404, detail));
    }
    if (!readable) {
      return reply
        .code(405)
        .header('allow', 'GET, HEAD')
        .type(PROBLEM_TYPE)
        .send(createProblem(405, 'Pages can only be read.'));
    }
    return servePage(request, reply, pages, options);
  });
}

async function servePage(
  request: FastifyRequest,
  reply: FastifyReply,
  pages: Pages,
  options: WebOptions,
): Promise<void> {
  const { raw } = request;
  const { nonce } = request;
  const policy = pagePolicy({ nonce, host: raw.headers.host ?? '', dev: options.dev });
  raw.headers['content-security-policy'] = policy;
  raw.headers['x-nonce'] = nonce;
  raw.url = pageUrl(raw.url ?? '/', options.basePath);
  void reply.header('content-security-policy', policy);
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.hijack();
  await pages.handle(raw, reply.raw);
}
