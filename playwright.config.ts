/*
 * Drives the built server in Chromium. Servers and brokers are fixtures of e2e/fixtures/test.ts: they start when a spec asks
 * for them. What is tagged @desk or @phone runs at that size only. By hand:
 * `npx playwright test e2e/specs/tasks.spec.ts --project desk --trace on`.
 */
import { defineConfig } from '@playwright/test';
import { findChromium } from './e2e/fixtures/chromium.ts';

const executablePath = findChromium();

export default defineConfig({
  testDir: 'e2e/specs',
  globalSetup: './e2e/fixtures/setup/build-once.ts',
  outputDir: 'test-results',
  // Servers are fixtures of a worker, on free ports: files do not meet each other.
  workers: 3,
  retries: 0,
  forbidOnly: true,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'node_modules/.cache/umbel/playwright.json' }]],
  use: {
    browserName: 'chromium',
    trace: 'off',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'desk', grepInvert: /@phone/, use: { viewport: { width: 1440, height: 900 } } },
    {
      name: 'phone',
      grepInvert: /@desk/,
      // What these look at does not depend on the size of the window.
      testIgnore: [
        ...['base-path.spec.ts', 'broker-loss.spec.ts', 'event-loss.spec.ts'],
        ...['security.spec.ts', 'umbel-loss.spec.ts'],
      ],
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
  ],
});
