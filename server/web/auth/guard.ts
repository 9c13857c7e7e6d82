// The one check that every request passes, HTTP and socket alike: is the host ours, is the asking page ours, is the person known.
import type { IncomingMessage } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import type { Clock } from '../../core/clock.ts';
import type { WebOptions } from '../deps.ts';
import { areKnown, parseBasic } from './credentials.ts';
import { Failures } from './failures.ts';
import { isAllowedHost } from './host-check.ts';
import { isOwnOrigin } from './origin-check.ts';
import { readRequestFacts, type RequestFacts } from './request-facts.ts';
import { Sessions } from './sessions.ts';

export const SESSION_COOKIE = 'umbel_session';

export type Verdict =
  | { ok: true; user: string | null; cookie: string | null }
  | {
      ok: false;
      status: 401 | 403 | 429;
      code: string;
      detail: string;
      headers: Readonly<Record<string, string>>;
    };

export type GuardedRequest = {
  /** Asked without credentials, from any host name: the health paths. */
  open: boolean;
  /** Only pages of ours may ask: everything that changes something, and the socket. */
  ownOriginOnly: boolean;
};

export interface Guard {
  check(request: IncomingMessage, kind: GuardedRequest): Verdict;
}

export function createGuard(options: WebOptions, clock: Clock): Guard {
  const sessions = new Sessions(clock);
  const failures = new Failures(clock);

  function authenticate(request: IncomingMessage, facts: RequestFacts): Verdict {
    if (options.basicAuth.size === 0) return { ok: true, user: null, cookie: null };
    const known = sessions.find(sessionId(request) ?? '');
    if (known !== null) return { ok: true, user: known, cookie: null };
    const given = parseBasic(request.headers.authorization);
    if (given === null) return askForCredentials('Credentials are required.');
    const waitMs = failures.waitMs(facts.address);
    if (waitMs > 0) return tooManyFailures(waitMs);
    if (!areKnown(given, options.basicAuth)) {
      failures.add(facts.address);
      return askForCredentials('These credentials are not known.');
    }
    failures.clear(facts.address);
    return { ok: true, user: given.user, cookie: sessionCookie(given.user, facts.secure) };
  }

  function sessionCookie(user: string, secure: boolean): string {
    return fastifyCookie.serialize(SESSION_COOKIE, sessions.create(user), {
      httpOnly: true,
      sameSite: 'strict',
      path: options.basePath === '' ? '/' : options.basePath,
      secure,
    });
  }

  return {
    check(request, kind) {
      if (kind.open) return { ok: true, user: null, cookie: null };
      const facts = readRequestFacts(request, options.trustProxy);
      const refusedHost = facts.hosts.find((host) => !isAllowedHost(host, options));
      if (refusedHost !== undefined) return wrongHost(refusedHost);
      if (kind.ownOriginOnly && !isOwnOrigin(facts, options)) return wrongOrigin();
      return authenticate(request, facts);
    },
  };
}

function sessionId(request: IncomingMessage): string | null {
  const header = request.headers.cookie;
  if (header === undefined || header.length > 16_384) return null;
  return fastifyCookie.parse(header)[SESSION_COOKIE] ?? null;
}

function askForCredentials(detail: string): Verdict {
  const headers = { 'www-authenticate': 'Basic realm="Umbel", charset="UTF-8"' };
  return { ok: false, status: 401, code: 'unauthenticated', detail, headers };
}

function tooManyFailures(waitMs: number): Verdict {
  return {
    ok: false,
    status: 429,
    code: 'too_many_requests',
    detail: 'Too many wrong credentials from this address. Wait a minute.',
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
  };
}

function wrongHost(host: string): Verdict {
  const detail = `The host name ${JSON.stringify(host.slice(0, 100))} is not allowed here. Start with --allowed-hosts to allow it.`;
  return { ok: false, status: 403, code: 'wrong_host', detail, headers: {} };
}

function wrongOrigin(): Verdict {
  const detail = 'Another page may not ask this. Behind a proxy, pass the Host header on.';
  return { ok: false, status: 403, code: 'wrong_origin', detail, headers: {} };
}
