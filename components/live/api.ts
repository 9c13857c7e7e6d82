import type { z } from 'zod';
import { problem } from '@/lib/contract/errors.ts';

/** The path that the dashboard is served under; a sentinel in the build, replaced when the server starts. */
// eslint-disable-next-line no-restricted-properties -- Next replaces this very expression when it builds; the browser has no environment
export const BASE_PATH: string = process.env.NEXT_PUBLIC_BASE_PATH ?? '';

export type FieldError = { path: string; message: string };

/** What the API answered when it did not answer with what was asked for. `status` 0: it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];

  constructor(of: {
    status: number;
    code: string;
    title: string;
    detail: string;
    errors?: readonly FieldError[] | undefined;
  }) {
    super(of.detail === '' ? of.title : of.detail);
    this.name = 'ApiError';
    this.status = of.status;
    this.code = of.code;
    this.title = of.title;
    this.detail = of.detail;
    this.errors = of.errors ?? [];
  }
}

/** Where an API path (`/clusters/demo/tasks`) is found. */
export function apiUrl(path: string): string {
  return `${BASE_PATH}/api/v1${path}`;
}

/** Builds `?a=1&b=2` from what is set; nothing set gives an empty text. */
export function queryString(of: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(of)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function toApiError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = problem.safeParse(body);
  if (parsed.success) return new ApiError({ ...parsed.data, status: response.status });
  return new ApiError({
    status: response.status,
    code: 'unexpected_answer',
    title: `The server answered ${response.status}`,
    detail: response.statusText,
  });
}

async function request<T extends z.ZodType>(
  path: string,
  schema: T,
  init: RequestInit,
): Promise<z.output<T>> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path), {
      credentials: 'same-origin',
      cache: 'no-store',
      ...init,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError({
      status: 0,
      code: 'unreachable',
      title: 'The dashboard server cannot be reached',
      detail: 'No answer from the Umbel server. It may be stopped, or the network is down.',
    });
  }
  if (!response.ok) throw await toApiError(response);
  const body: unknown = await response.json().catch(() => null);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new ApiError({
    status: response.status,
    code: 'unexpected_answer',
    title: 'The server answered something that this page does not understand',
    detail: `${first?.path.join('.') ?? ''}: ${first?.message ?? 'not JSON'}. Reload the page: the server may be of another version.`,
  });
}

export function apiGet<T extends z.ZodType>(
  path: string,
  schema: T,
  signal?: AbortSignal,
): Promise<z.output<T>> {
  return request(path, schema, { method: 'GET', ...(signal === undefined ? {} : { signal }) });
}

export function apiPost<T extends z.ZodType>(
  path: string,
  body: unknown,
  schema: T,
): Promise<z.output<T>> {
  return request(path, schema, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function toMessage(error: unknown): string {
  if (error instanceof ApiError && error.errors.length > 0) {
    return error.errors.map((one) => one.message).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
