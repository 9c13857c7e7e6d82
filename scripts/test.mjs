// npm test: installs what is missing, builds what is stale, runs every suite, and ends with one line of counts.
// `npm test -- unit`, `-- interop` or `-- e2e` runs a part; several may be named.
import { ensureBuilt } from './lib/builds.mjs';
import { add, fail, nothing } from './lib/counts.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ensureNeeds } from './lib/needs.mjs';
import { runScript, tellTrouble, Trouble } from './lib/progress.mjs';
import { wasInterrupted } from './lib/run.mjs';
import { findSuites, parts, runPlaywright, runVitest } from './lib/suites.mjs';

await runScript(async () => {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !parts.includes(name));
  if (unknown !== undefined) {
    const message = `there is no part "${unknown}" of the tests: ${parts.join(', ')}.`;
    throw new Trouble(message, { exitCode: 2 });
  }
  const notes = [];
  const counts = await runAll(chosen.length > 0 ? chosen : parts, notes).catch((error) => {
    tellTrouble(error);
    return fail('npm test', error.message);
  });
  return report(counts, notes);
});

async function runAll(chosen, notes) {
  await ensureInstalled();
  const wanted = findSuites(chosen);
  const needs = [...new Set(wanted.flatMap((suite) => suite.needs))];
  const absent = await ensureNeeds(needs, notes);
  for (const advice of absent.values()) notes.push(`missing: ${advice}`);

  let counts = nothing();
  let runnable = wanted.filter(({ needs }) => !needs.some((need) => absent.has(need)));
  if (runnable.some(({ needsBuild }) => needsBuild) && !(await builds())) {
    counts = add(counts, fail('the build', 'told above'));
    runnable = runnable.filter(({ needsBuild }) => !needsBuild);
  }
  const names = runnable.map(({ name }) => name);
  counts = add(counts, await runVitest(names.filter((name) => name !== 'e2e')));
  if (!wasInterrupted() && names.includes('e2e')) counts = add(counts, await runPlaywright());

  for (const { name, files } of wanted) {
    if (names.includes(name)) continue;
    counts = add(counts, { ...nothing(), skipped: files.length, skippedNames: files });
  }
  return counts;
}

async function builds() {
  try {
    await ensureBuilt();
    // Tests need not look again, and threads that they start load the build.
    process.env.UMBEL_FRESH_BUILD = '1';
    return true;
  } catch (error) {
    tellTrouble(error);
    return false;
  }
}

function report({ passed, failed, skipped, skippedNames, failures, unsteady }, notes) {
  const lines = [...notes, ...skippedNames.map((name) => `skipped: ${name}`)];
  lines.push(
    ...unsteady.map(({ name, why }) => `unsteady, passed when run again: ${name}\n  ${why}`),
  );
  lines.push(...failures.map(({ name, why }) => `failed: ${name}\n  ${why}`));
  if (wasInterrupted()) lines.push('interrupted: the rest did not run');
  lines.push(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return failed > 0 || passed === 0 || wasInterrupted() ? 1 : 0;
}
