// What every command of the runtime is given, and what it has to bring.
import type { Command } from 'commander';
import type { Output } from './output.ts';

/** The flags before the command. */
export type Globals = {
  app: string | null;
  broker: string | null;
  resultBackend: string | null;
  isQuiet: boolean;
};

export type CommandContext = { globals: Globals; output: Output };

export interface CommandModule {
  /** Adds arguments and flags. */
  describe(command: Command): void;
  /** The exit code. */
  run(
    context: CommandContext,
    args: readonly string[],
    flags: Readonly<Record<string, unknown>>,
  ): Promise<number>;
}

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** Nobody answered, as `celery` says it. */
export const EXIT_UNAVAILABLE = 69;
