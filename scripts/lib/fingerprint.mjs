import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.mjs';

/** A hash over path and content of every file below `places` (files or directories) that `isSource` lets in. */
export function fingerprint(places, isSource = () => true) {
  const hash = createHash('sha256');
  for (const file of places.flatMap((place) => list(join(root, place)))) {
    const path = relative(root, file);
    if (!isSource(path)) continue;
    hash.update(path).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function list(place) {
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isFile()) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
