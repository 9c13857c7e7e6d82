// What goes wrong under a result backend, said as the backend's trouble and not the broker's.
import { AppError, errorText, isAppError } from '../core/errors.ts';

export function toBackendError(error: unknown): AppError {
  if (!isAppError(error)) {
    return new AppError('backend_unreachable', `The result backend: ${errorText(error)}`, {
      cause: error,
    });
  }
  const isConnection = error.code === 'broker_unreachable' || error.code === 'timeout';
  if (!isConnection) return error;
  return new AppError('backend_unreachable', `The result backend: ${error.message}`, {
    cause: error,
  });
}
