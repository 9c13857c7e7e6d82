#!/usr/bin/env node
// The process: command line in, exit code out. 0 stopped, 1 failed, 2 bad configuration.
import { runCommandLine } from './cli/command-line.ts';

/** Everything was stopped in order; timers that rendered pages left behind must not hold the process for minutes. */
const LEFTOVERS_MS = 300;

process.exitCode = await runCommandLine(process.argv.slice(2));
setTimeout(() => process.exit(), LEFTOVERS_MS).unref();
