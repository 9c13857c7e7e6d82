// Arguments of Flower's paths: from the query or a form, stripped, checked; never escaped, since what reaches Celery must be what was
// sent. A missing argument is refused instead of guessed: an empty queue name once ended workers.
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../core/errors.ts';

const TRUE: ReadonlySet<string> = new Set(['y', 'yes', 't', 'true', 'on', '1']);
const FALSE: ReadonlySet<string> = new Set(['n', 'no', 'f', 'false', 'off', '0']);

/** A form, and the text that it was read from. */
export class FormBody extends URLSearchParams {
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

export class FlowerArguments {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(Array.from(values, ([name, value]) => [name, value.trim()]));
  }

  /** Null when absent or empty. */
  text(name: string): string | null {
    const value = this.#values.get(name);
    return value === undefined || value === '' ? null : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === null) throw new AppError('bad_request', `Argument '${name}' is required`);
    return value;
  }

  bool(name: string, fallback = false): boolean {
    const value = this.text(name);
    if (value === null) return fallback;
    if (TRUE.has(value.toLowerCase())) return true;
    if (FALSE.has(value.toLowerCase())) return false;
    throw invalid(value, 'bool');
  }

  int(name: string): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const number = Number(value);
    if (!/^[+-]?\d{1,15}$/.test(value)) throw invalid(value, 'int');
    return number;
  }

  float(name: string): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const number = Number(value);
    if (!Number.isFinite(number) || !/\d/.test(value)) throw invalid(value, 'float');
    return number;
  }
}

function invalid(value: string, type: string): AppError {
  return new AppError('bad_request', `Invalid argument '${value.slice(0, 100)}' of type '${type}'`);
}

/** Of the query, overridden by the form; of several values the last. */
export function argumentsOf(request: FastifyRequest): FlowerArguments {
  const url = request.raw.url ?? '';
  const queryAt = url.indexOf('?');
  const query = new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt + 1));
  const form = request.body instanceof URLSearchParams ? request.body : [];
  return new FlowerArguments([...query, ...form]);
}

/** The body as it was sent: `curl -d` calls JSON a form. */
export function rawBodyOf(request: FastifyRequest): string {
  if (request.body instanceof FormBody) return request.body.text;
  return typeof request.body === 'string' ? request.body : '';
}

/** What follows the fixed part of a path: ids and names may hold slashes. */
export function restOf(request: FastifyRequest): string {
  const rest = (request.params as { '*'?: string })['*'] ?? '';
  if (rest === '' || rest.length > 512) throw new AppError('not_found', 'There is nothing here');
  return rest;
}
