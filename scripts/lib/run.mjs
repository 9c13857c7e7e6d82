import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { root } from './paths.mjs';

const running = new Map();
let isInterrupted = false;

const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
  const handler = () => {
    isInterrupted = true;
    for (const [child, show] of running) {
      const hasItAlready = show && signal === 'SIGINT' && process.stdin.isTTY;
      if (!hasItAlready) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    }
    if (running.size === 0) process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on(signal, handler);
  return [signal, handler];
});

/** Leaves signals to whoever runs in this process from now on. */
export function stopHandlingSignals() {
  for (const [signal, handler] of handlers) process.removeListener(signal, handler);
}

/** True once somebody asked this script to stop: nothing new may be started. */
export const wasInterrupted = () => isInterrupted;

/**
 * Runs a program to its end and answers `{ code, output }`. `show` lets it write to the terminal, else its output is
 * collected. A program that cannot be started has the code 127.
 */
export function run(command, args, { env = {}, show = false, cwd = root, timeoutMs } = {}) {
  if (isInterrupted) process.exit(130);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      timeout: timeoutMs,
      env: { ...process.env, ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    running.set(child, show);
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: 127, output: `${output}${error.message}\n` });
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 143), output });
    });
  });
}

/** Runs a JavaScript file of an installed package, such as `typescript/bin/tsc`. */
export function runPackage(file, args, options) {
  return run(process.execPath, [join(root, 'node_modules', file), ...args], options);
}

/** The first of `names` that can be run, absolute or on the PATH, or null. */
export function findProgram(...names) {
  const directories = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const places = isAbsolute(name) ? [name] : directories.map((place) => join(place, name));
    const found = places.find(isExecutable);
    if (found !== undefined) return found;
  }
  return null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
