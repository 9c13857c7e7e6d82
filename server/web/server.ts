// The web server: HTTP API, Flower's paths, metrics, health, pages and the live gateway on one port. It composes; what each part
// does is theirs.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import rateLimit from '@fastify/rate-limit';
import { systemClock, type Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { createGuard } from './auth/guard.ts';
import type { WebContext } from './context.ts';
import type { WebDeps, WebOptions } from './deps.ts';
import { stripBasePath } from './http/base-path.ts';
import { addErrors, answerClientError, answerFrameworkError } from './http/errors.ts';
import { addGatekeeper } from './http/gatekeeper.ts';
import { collectMethods } from './http/methods.ts';
import { addPages } from './http/page-handler.ts';
import { flowerRoutes } from './flower/plugin.ts';
import { healthRoutes } from './health.ts';
import { openLiveGateway } from './live/gateway.ts';
import { metricRoutes } from './metrics/routes.ts';
import type { Pages } from './pages.ts';
import { nativeRoutes } from './routes/native.ts';

const BODY_LIMIT = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
const HANDLER_TIMEOUT_MS = 45_000;
const CLOSE_DEADLINE_MS = 3_000;

/** `url` is the origin, without the base path. */
export type WebServer = { url: string; close(): Promise<void> };

/** Listens when it resolves. Throws bad_configuration when the address cannot be had. */
export async function startWebServer(
  deps: WebDeps,
  pages: Pages | null,
  clock: Clock = systemClock,
): Promise<WebServer> {
  const { options, logger } = deps;
  const context: WebContext = { deps, clock };
  const guard = createGuard(options, clock);
  const httpServer = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 72_000 });

  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    trustProxy: options.trustProxy,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 8192 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    serverFactory: (handler) => httpServer.on('request', handler),
  });
  addErrors(app, logger);
  addGatekeeper(app, guard, options);
  await app.register(rateLimit, { global: false });
  const completeMethods = collectMethods(app);
  healthRoutes(app, context);
  metricRoutes(app, context);
  await nativeRoutes(app, context);
  await flowerRoutes(app, context);
  completeMethods();
  addPages(app, pages, options);

  const live = openLiveGateway(httpServer, context, guard);
  stripEarly(httpServer, options.basePath);
  httpServer.on('upgrade', (request, socket, head) => {
    if (live.owns(request)) return;
    if (pages === null || !guard.check(request, { open: false, ownOriginOnly: true }).ok) {
      socket.destroy();
      return;
    }
    request.url = `${options.basePath}${request.url ?? '/'}`;
    pages.upgrade(request, socket, head);
  });

  await listen(app, options).catch(async (error: unknown) => {
    await live.close();
    await app.close();
    throw error;
  });
  return {
    url: urlOf(httpServer, options),
    async close() {
      await live.close();
      const deadline = setTimeout(() => httpServer.closeAllConnections(), CLOSE_DEADLINE_MS);
      await app.close().finally(() => clearTimeout(deadline));
    },
  };
}

/** Before anybody else looks at the address, so that the socket and the routes live under any base path. */
function stripEarly(server: Server, basePath: string): void {
  server.prependListener('request', (request) => {
    request.url = stripBasePath(request.url ?? '/', basePath);
  });
  server.prependListener('upgrade', (request) => {
    request.url = stripBasePath(request.url ?? '/', basePath);
  });
}

async function listen(app: FastifyInstance, options: WebOptions): Promise<void> {
  const { host, port } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = typeof code === 'string' ? LISTEN_ERRORS[code] : undefined;
    if (reason === undefined) throw error;
    throw new AppError('bad_configuration', `Cannot listen on ${host}:${port}: ${reason}`, {
      cause: error,
    });
  }
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'the port is in use. Stop the program that uses it, or choose another one with --port.',
  EADDRNOTAVAIL: 'this machine has no such address. Choose another one with --address.',
  EACCES: 'that needs more rights. Choose a port above 1023 with --port.',
  ENOTFOUND: 'the address is not known. Choose another one with --address.',
};

function urlOf(server: Server, options: WebOptions): string {
  const { port } = server.address() as AddressInfo;
  const wildcard = options.host === '0.0.0.0' || options.host === '::';
  const host = wildcard ? 'localhost' : options.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
