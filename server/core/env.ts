// The only file that touches process.env.

/** A copy, so that nothing else can change what was read at start. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}

/** Whoever runs the tests has just built all; see entries.ts. */
export const isBuildFresh = process.env['UMBEL_FRESH_BUILD'] === '1';

/** next.config.js reads these when Next is loaded. */
export function setPagesEnvironment(settings: {
  basePath: string;
  distDir: string;
  dev: boolean;
}): void {
  process.env.UMBEL_PAGES_BASE_PATH = settings.basePath;
  process.env.UMBEL_PAGES_DIST_DIR = settings.distDir;
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  Object.assign(process.env, { NODE_ENV: settings.dev ? 'development' : 'production' });
}
