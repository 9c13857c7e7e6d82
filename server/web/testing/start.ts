// Starts the real server on a free port of the loopback for a test.
import type { AuditEntry } from '../../../lib/contract/index.ts';
import type { Clock } from '../../core/clock.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import type { WebOptions } from '../deps.ts';
import type { Pages } from '../pages.ts';
import { startWebServer, type WebServer } from '../server.ts';
import { createMemoryCluster, T0, type MemoryCluster } from './memory-cluster.ts';

export type TestServer = WebServer & { cluster: MemoryCluster; audit: AuditEntry[] };

export type TestServerOptions = Partial<WebOptions> & {
  pages?: Pages;
  logger?: Logger;
  clock?: Clock;
  cluster?: MemoryCluster;
};

export async function startTestServer(given: TestServerOptions = {}): Promise<TestServer> {
  const {
    pages = null,
    logger = silentLogger,
    clock = { now: () => T0 },
    cluster = createMemoryCluster(),
    ...options
  } = given;
  const audit: AuditEntry[] = [];
  const server = await startWebServer(
    {
      options: {
        host: '127.0.0.1',
        port: 0,
        basePath: '',
        readOnly: false,
        basicAuth: new Map(),
        allowedHosts: [],
        allowedOrigins: [],
        trustProxy: false,
        flowerMetricNames: true,
        version: '0.1.0',
        dev: false,
        ...options,
      },
      clusters: new Map([[cluster.name, cluster]]),
      defaultCluster: cluster.name,
      dashboard: {
        appendAudit: (entry) => audit.push(entry),
        listAudit: ({ limit }) => audit.slice(-limit).reverse(),
        close: () => undefined,
      },
      logger,
    },
    pages,
    clock,
  );
  return { ...server, cluster, audit };
}
