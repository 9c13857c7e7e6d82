// The guard as fastify hooks: every request passes here before its body is read.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../../lib/contract/index.ts';
import type { Guard } from '../auth/guard.ts';
import { createNonce, DATA_POLICY, SECURITY_HEADERS } from '../auth/security-headers.ts';
import type { WebOptions } from '../deps.ts';
import { createProblem, PROBLEM_TYPE } from './problem.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export function addGatekeeper(app: FastifyInstance, guard: Guard, options: WebOptions): void {
  app.decorateRequest('user', null);
  app.decorateRequest('nonce', '');

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ ...SECURITY_HEADERS, 'content-security-policy': DATA_POLICY });
    const { reads = false, open = false } = request.routeOptions.config;
    const safe = SAFE_METHODS.has(request.method);
    const verdict = guard.check(request.raw, { open, ownOriginOnly: !safe });
    if (!verdict.ok) {
      const { status, detail, code } = verdict;
      void reply.headers(verdict.headers);
      return refuse(request, reply, createProblem(status, detail, { code }));
    }
    if (verdict.cookie !== null) void reply.header('set-cookie', verdict.cookie);
    request.user = verdict.user;
    request.nonce = createNonce();
    if (options.readOnly && !safe && !reads) {
      const detail = 'Read only mode is enabled: nothing can be changed from here.';
      return refuse(request, reply, createProblem(403, detail, { code: 'read_only' }));
    }
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const plain = request.routeOptions.config.plainErrors === true;
  return reply
    .code(problem.status)
    .type(plain ? 'text/plain; charset=utf-8' : PROBLEM_TYPE)
    .send(plain ? problem.detail : problem);
}
