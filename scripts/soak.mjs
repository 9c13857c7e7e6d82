// npm run soak: the fault tests of the runtime, longer: ten times as many tasks, more kills, a RabbitMQ that is restarted.
import { ensureBuilt } from './lib/builds.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript } from './lib/progress.mjs';
import { runPackage } from './lib/run.mjs';

await runScript(async () => {
  await ensureInstalled();
  await ensureBuilt({ only: ['server'] });
  const args = ['run', '--project', 'interop', 'e2e/interop/runtime-faults.interop.test.ts'];
  const { code } = await runPackage('vitest/vitest.mjs', [...args, '--testTimeout', '1800000'], {
    env: { UMBEL_SOAK: '1', UMBEL_FRESH_BUILD: '1' },
    show: true,
  });
  return code;
});
