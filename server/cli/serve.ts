// `umbel`: the dashboard. Starts everything, says where it is, waits for a signal, stops everything.
import { addressProblems, startApp, type App, type AppOptions } from '../app.ts';
import { loadConfig, type UmbelConfig } from '../core/config.ts';
import { readEnvironment } from '../core/env.ts';
import { AppError, errorText } from '../core/errors.ts';
import { createLogger, type Logger } from '../core/logger.ts';

const FAILED = 1;
const BAD_CONFIGURATION = 2;
const STOP_DEADLINE_MS = 10_000;

export async function serve(
  flags: Readonly<Record<string, unknown>>,
  { dev, ...options }: Pick<AppOptions, 'dev' | 'appSchedule'>,
): Promise<number> {
  let config: UmbelConfig;
  try {
    config = loadConfig({ flags, env: readEnvironment(), addressProblems });
  } catch (error) {
    return fail(error);
  }
  const logger = createLogger(config.logLevel);
  for (const warning of config.warnings) logger.warn({}, warning);
  const stopped = waitForSignal(logger);
  let app: App;
  try {
    app = await startApp({ config, logger, dev, ...options });
  } catch (error) {
    return fail(error);
  }
  process.stdout.write(`Umbel is at ${app.url}\n`);
  const reason = await Promise.race([stopped, app.failed]);
  const deadline = setTimeout(() => process.exit(FAILED), STOP_DEADLINE_MS);
  deadline.unref();
  await app.stop();
  clearTimeout(deadline);
  if (reason instanceof Error) return fail(reason);
  return 0;
}

function fail(error: unknown): number {
  for (const line of errorText(error).split('\n')) process.stderr.write(`umbel: ${line}\n`);
  const configuration =
    error instanceof AppError &&
    ['bad_configuration', 'store_locked', 'store_newer'].includes(error.code);
  if (!(error instanceof AppError) && error instanceof Error && error.stack !== undefined)
    process.stderr.write(`${error.stack}\n`);
  return configuration ? BAD_CONFIGURATION : FAILED;
}

/** The first signal stops in order; a second one ends the process at once. */
function waitForSignal(logger: Logger): Promise<string> {
  return new Promise((resolve) => {
    let seen = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (seen) process.exit(FAILED);
      seen = true;
      logger.info({ signal }, 'stopping');
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
