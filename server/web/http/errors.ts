// The one place where errors of routes become answers.
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../core/logger.ts';
import { createProblem, PROBLEM_TYPE, toProblem } from './problem.ts';

export function addErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const { problem, logId } = toProblem(error);
    if (logId !== null)
      logger.error({ err: error, id: logId, ...where(request.raw) }, 'request failed');
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
}

/** A broken `%`, a parameter that is too long: nothing of a route runs, hooks neither. */
export function answerFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const status = error.statusCode ?? 400;
  const known = status >= 400 && status < 500 ? status : 400;
  const detail =
    error.code === 'FST_ERR_BAD_URL'
      ? 'The address is not a valid URL: a % must be followed by two hexadecimal digits of UTF-8.'
      : (STATUS_CODES[known] ?? 'Bad request');
  void reply
    .code(known)
    .header('x-content-type-options', 'nosniff')
    .type(PROBLEM_TYPE)
    .send(createProblem(known, detail));
}

const CLIENT_ERRORS: Readonly<Record<string, [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The address and headers are longer than 16 KB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** What is no HTTP that Node reads: no request exists, so the answer is written by hand and the connection ends. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'This is no HTTP request.'];
  const body = JSON.stringify(createProblem(status, detail));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function where(request: IncomingMessage): { method: string; path: string } {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  return { method: request.method ?? '', path: path.slice(0, 500) };
}
