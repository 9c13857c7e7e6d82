// Errors as RFC 9457 problem details: the one translation from whatever was thrown to what a client may read. An unexpected error is
// told by an id that its log line carries too; its message never leaves the process.
import { randomUUID } from 'node:crypto';
import type { Problem } from '../../../lib/contract/index.ts';
import { isAppError, type AppErrorCode } from '../../core/errors.ts';

const STATUS: Readonly<Record<AppErrorCode, number>> = {
  bad_configuration: 500,
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  read_only: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 422,
  timeout: 504,
  broker_unreachable: 503,
  broker_auth: 503,
  broker_refused: 503,
  backend_unreachable: 503,
  backend_missing: 503,
  store_locked: 503,
  store_newer: 500,
  store_failed: 500,
  closed: 503,
  internal: 500,
};

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'timeout',
  413: 'too_large',
  414: 'too_large',
  415: 'unsupported_media_type',
  421: 'wrong_host',
  429: 'too_many_requests',
  431: 'too_large',
  501: 'unsupported',
  503: 'unavailable',
  504: 'timeout',
};

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Credentials required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  421: 'Wrong host',
  422: 'Not supported here',
  429: 'Too many requests',
  500: 'Internal error',
  501: 'Not implemented',
  503: 'Unavailable',
  504: 'Timed out',
};

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function createProblem(
  status: number,
  detail: string,
  extra: { code?: string; errors?: Problem['errors'] } = {},
): Problem {
  return {
    type: 'about:blank',
    title: TITLE[status] ?? 'Error',
    status,
    code: extra.code ?? CODE_OF_STATUS[status] ?? 'error',
    detail,
    ...(extra.errors === undefined ? {} : { errors: extra.errors }),
  };
}

export type ToldError = { problem: Problem; logId: string | null };

/** `logId` is set when the error is unexpected and must be logged under that id. */
export function toProblem(error: unknown): ToldError {
  const issues = validationIssues(error);
  if (issues !== null) {
    const first = issues[0];
    const detail =
      first === undefined
        ? 'The request does not fit.'
        : `${first.path || 'request'}: ${first.message}`;
    return { problem: createProblem(400, detail, { errors: issues }), logId: null };
  }
  if (isAppError(error)) {
    const status = STATUS[error.code];
    if (status !== 500) {
      return { problem: createProblem(status, error.message, { code: error.code }), logId: null };
    }
  }
  const status = clientStatus(error);
  if (status !== null && error instanceof Error) {
    return { problem: createProblem(status, error.message), logId: null };
  }
  if (isHandlerTimeout(error)) {
    return { problem: createProblem(504, 'The answer took too long.'), logId: null };
  }
  const logId = randomUUID();
  const detail = `Something went wrong here. The log has the particulars under ${logId}.`;
  return { problem: createProblem(500, detail, { code: 'internal' }), logId };
}

function clientStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? statusCode
    : null;
}

function isHandlerTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FST_ERR_HANDLER_TIMEOUT';
}

function validationIssues(error: unknown): { path: string; message: string }[] | null {
  if (typeof error !== 'object' || error === null || !('validation' in error)) return null;
  if (!Array.isArray(error.validation)) return null;
  const context = 'validationContext' in error ? String(error.validationContext) : '';
  return error.validation.slice(0, 20).map((issue: unknown) => {
    const { instancePath, message } = issue as { instancePath?: unknown; message?: unknown };
    const where = typeof instancePath === 'string' ? instancePath.replace(/^\//, '') : '';
    return {
      path: [context, ...where.split('/').filter((part) => part !== '')].join('.').slice(0, 300),
      message: typeof message === 'string' ? message.slice(0, 500) : 'does not fit',
    };
  });
}
