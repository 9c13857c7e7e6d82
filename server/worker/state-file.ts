// Ids of revoked tasks, kept in a file over a restart (worker_state_db). Written whole and renamed, so that it is never half there.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { RevokedTasks } from './revoked-tasks.ts';

/** A file that is not there, or not ours, is as good as an empty one. */
export function loadRevoked(path: string, revoked: RevokedTasks): void {
  let known: unknown;
  try {
    known = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return;
  }
  const ids = typeof known === 'object' && known !== null && 'revoked' in known && known.revoked;
  if (!Array.isArray(ids)) return;
  for (const id of ids) if (typeof id === 'string') revoked.add(id);
}

export function saveRevoked(path: string, revoked: RevokedTasks): void {
  const fresh = `${path}.${String(process.pid)}`;
  writeFileSync(fresh, JSON.stringify({ revoked: revoked.list() }));
  renameSync(fresh, path);
}
