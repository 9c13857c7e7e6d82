// What Debian's packages bring, where this program may install them: as root, with apt. Their services are not started.
import { withoutServices } from './policy.mjs';
import { step } from './progress.mjs';
import { findProgram, run } from './run.mjs';

let isFresh = false;

export function canUseApt() {
  return process.getuid?.() === 0 && findProgram('apt-get') !== null;
}

/** `label` is what they are for. False when apt could not bring all of them. */
export async function installWithApt(label, packages) {
  return withoutServices(async () => {
    if (!isFresh) isFresh = await step('refreshing the package lists (apt)', () => apt('update'));
    return step(`installing ${label} (apt)`, () => apt('install', ...packages));
  });
}

async function apt(...words) {
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return (await run('apt-get', [...options, ...words], { env })).code === 0;
}
