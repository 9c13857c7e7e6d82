// `umbel -A celery_app beat`: sends what is due until it is told to stop. One at a time for each schedule file.
import type { Command } from 'commander';
import { startAppBeat } from './app-beat.ts';
import { awaitBroker } from './await-broker.ts';
import { EXIT_OK, type CommandContext } from './context.ts';
import { detach } from './detach.ts';
import { seconds } from './flags.ts';
import { openApp } from './open-app.ts';
import { holdPidFile } from './pid-file.ts';
import { openTextLog } from './text-log.ts';

type Flags = {
  schedule?: string;
  maxInterval?: number;
  loglevel: string;
  logfile?: string;
  pidfile?: string;
  json?: boolean;
  detach?: boolean;
};

export function describe(command: Command): void {
  command
    .option('-s, --schedule <path>', "where the entries' last runs are kept")
    .option('--max-interval <seconds>', 'never sleep longer', seconds)
    .option('-l, --loglevel <level>', 'DEBUG, INFO, WARNING, ERROR or CRITICAL', 'WARNING')
    .option('-f, --logfile <path>', 'log to a file')
    .option('--pidfile <path>', 'keep the process id in a file')
    .option('--json', 'log in JSON')
    .option('--detach', 'go on in the background');
}

export async function run(
  { globals, output }: CommandContext,
  _args: readonly string[],
  raw: Readonly<Record<string, unknown>>,
): Promise<number> {
  const flags = raw as unknown as Flags;
  if (flags.detach === true) {
    await detach();
    return EXIT_OK;
  }
  const log = openTextLog({
    level: flags.loglevel,
    file: flags.logfile ?? null,
    isJson: flags.json ?? false,
    nodeName: 'beat',
  });
  const pidFile = holdPidFile(flags.pidfile);
  try {
    const app = await openApp(globals);
    try {
      if (!(await awaitBroker(app, log.logger, 'beat'))) return EXIT_OK;
      const beat = startAppBeat(app, log.logger, {
        file: flags.schedule,
        maxIntervalMs: flags.maxInterval === undefined ? undefined : flags.maxInterval * 1000,
      });
      if (!globals.isQuiet && flags.json !== true) {
        output.line(`umbel beat is starting, broker ${app.transport.displayUrl}`);
      }
      log.logger.info({}, 'beat: Starting...');
      await new Promise((resolve) => {
        process.once('SIGTERM', resolve);
        process.once('SIGINT', resolve);
      });
      await beat.stop();
    } finally {
      await app.close();
    }
  } finally {
    pidFile.release();
    await log.close();
  }
  return EXIT_OK;
}
