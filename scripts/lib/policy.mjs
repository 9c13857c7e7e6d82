// Keeps Debian's packages from starting their services while they are installed.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const policy = '/usr/sbin/policy-rc.d';
const saved = `${policy}.umbel-saved`;

export async function withoutServices(work) {
  if (existsSync(policy) && /^\s*exit 101\s*$/m.test(readFileSync(policy, 'utf8'))) return work();
  if (existsSync(policy)) renameSync(policy, saved);
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const restore = () => {
    rmSync(policy, { force: true });
    if (existsSync(saved)) renameSync(saved, policy);
  };
  process.once('exit', restore);
  try {
    return await work();
  } finally {
    process.removeListener('exit', restore);
    restore();
  }
}
