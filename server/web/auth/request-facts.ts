// What a raw request says about where it comes from. Forwarded headers count only when the proxy is trusted; then the last hop's word
// is taken, since everything before it may be the client's own invention.
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

export type RequestFacts = {
  /** The Host header, and the one before a trusted proxy. */
  hosts: readonly string[];
  origin: string | null;
  fetchSite: string | null;
  address: string;
  secure: boolean;
};

export function readRequestFacts(request: IncomingMessage, trustProxy: boolean): RequestFacts {
  const { headers, socket } = request;
  const forwarded = (name: string) => (trustProxy ? lastOf(headers[name]) : null);
  const forwardedHost = forwarded('x-forwarded-host');
  return {
    hosts: [headers.host ?? '', ...(forwardedHost === null ? [] : [forwardedHost])],
    origin: headers.origin ?? null,
    fetchSite: lastOf(headers['sec-fetch-site']),
    address: forwarded('x-forwarded-for') ?? socket.remoteAddress ?? 'unknown',
    secure:
      forwarded('x-forwarded-proto')?.toLowerCase() === 'https' ||
      (socket as Partial<TLSSocket>).encrypted === true,
  };
}

function lastOf(header: string | string[] | undefined): string | null {
  const text = Array.isArray(header) ? header.join(',') : header;
  const last = text?.split(',').at(-1)?.trim();
  return last === undefined || last === '' ? null : last;
}
