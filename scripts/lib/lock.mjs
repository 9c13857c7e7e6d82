// One script at a time installs or builds; the others wait for it and then look again.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from './paths.mjs';

export async function withLock(name, work) {
  const place = join(root, `.umbel-${name}.lock`);
  while (!tryLock(place)) await wait(250);
  const release = () => rmSync(place, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function tryLock(place) {
  try {
    mkdirSync(place);
    writeFileSync(join(place, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') return true;
    if (!isHeld(place)) rmSync(place, { recursive: true, force: true });
    return false;
  }
}

function isHeld(place) {
  let pid;
  try {
    pid = Number(readFileSync(join(place, 'pid'), 'utf8'));
  } catch {
    return isYoung(place);
  }
  if (!(pid > 0)) return isYoung(place);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// Between making the directory and writing the id into it.
function isYoung(place) {
  const stat = statSync(place, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < 5000;
}
