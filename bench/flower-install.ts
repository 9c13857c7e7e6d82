// Flower in a virtual environment of its own below node_modules/.cache; null where no package index offers it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const runFile = promisify(execFile);
/** kombu's Redis transport needs packaging and does not ask for it. */
const PACKAGES = ['flower', 'redis', 'packaging'];

export async function installFlower(): Promise<string | null> {
  const directory = path.resolve(
    import.meta.dirname,
    '..',
    'node_modules',
    '.cache',
    'umbel',
    'flower-venv',
  );
  const python = path.join(directory, 'bin', 'python');
  try {
    if (!existsSync(python)) await runFile('python3', ['-m', 'venv', directory]);
    const check = await runFile(python, ['-c', `import ${PACKAGES.join(', ')}`]).catch(() => null);
    if (check === null)
      await runFile(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES], {
        timeout: 300_000,
      });
    return python;
  } catch {
    return null;
  }
}
