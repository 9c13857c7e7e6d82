// One bounded GET to RabbitMQ's management API: bounded in time and in bytes, no redirects, certificates verified unless the
// address says otherwise.
import type { IncomingMessage } from 'node:http';
import { toTlsOptions } from '../tls-options.ts';
import type { TlsSettings } from '../broker-url.ts';

export type ManagementBase = { url: string; authorization: string; tls: TlsSettings | null };

const TIMEOUT_MS = 3000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 4096;
const MAX_REASON_CHARS = 200;

export async function readManagement(base: ManagementBase, path: string): Promise<unknown> {
  const response = await get(base, path);
  const { statusCode = 0, statusMessage = '' } = response;
  if (statusCode !== 200) {
    const said = reasonIn(await readText(response, MAX_REFUSAL_BYTES).catch(() => ''));
    throw new Error(
      `HTTP ${statusCode} ${statusMessage}`.trim() + (said === '' ? '' : `, ${said}`),
    );
  }
  const text = await readText(response, MAX_ANSWER_BYTES);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON: is this the management API?');
  }
}

async function get(base: ManagementBase, path: string): Promise<IncomingMessage> {
  const url = new URL(path, base.url);
  const isSecure = url.protocol === 'https:';
  const { request } = isSecure ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      ...(isSecure && base.tls !== null ? toTlsOptions(base.tls) : {}),
      headers: { authorization: base.authorization },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // Connections kept for others may have been checked less strictly.
      ...(isSecure ? { agent: false } : {}),
    });
    asked.once('response', resolve);
    asked.once('error', (error) => {
      reject(error.name === 'AbortError' ? new Error(`no answer in ${TIMEOUT_MS} ms`) : error);
    });
    asked.end();
  });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** RabbitMQ says why in JSON; anything else is not repeated. */
function reasonIn(text: string): string {
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown };
    return typeof reason === 'string' ? reason.slice(0, MAX_REASON_CHARS) : '';
  } catch {
    return '';
  }
}
