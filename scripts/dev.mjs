// npm run dev: the server from its TypeScript sources, with Next's hot reload for the pages.
import { runTypeScript } from './lib/tsx.mjs';

await runTypeScript('server/main.ts', ['--dev', ...process.argv.slice(2)], {
  env: { NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1' },
});
