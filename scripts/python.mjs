// Prints the Python interpreter that has celery (or flower), after installing it where necessary.
import { runScript } from './lib/progress.mjs';
import { ensurePython } from './lib/python.mjs';

await runScript(async () => {
  process.stdout.write(`${await ensurePython(process.argv[2])}\n`);
});
