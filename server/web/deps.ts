// What the web room needs; the composition root hands it over.
import type { CollectorHandle } from '../store/collecting.ts';
import type { Control } from '../control/control.ts';
import type { Logger } from '../core/logger.ts';
import type { DashboardStore, StoreReader } from '../store/store.ts';

export type WebCluster = {
  name: string;
  demo: boolean;
  reader: StoreReader;
  control: Control;
  collector: CollectorHandle;
};

export type WebOptions = {
  host: string;
  port: number;
  /** '' or '/umbel', never a trailing slash. */
  basePath: string;
  readOnly: boolean;
  /** user → password; empty: nobody is asked. */
  basicAuth: ReadonlyMap<string, string>;
  /** Extra host names that the Host header may carry (beside loopback names, address literals and the address listened on); `.example.org` allows all below it, '*' all (explicitly asked for). */
  allowedHosts: readonly string[];
  /** Origins that may change things beside our own, e.g. https://umbel.example.org. */
  allowedOrigins: readonly string[];
  trustProxy: boolean;
  flowerMetricNames: boolean;
  version: string;
  dev: boolean;
};

export type WebDeps = {
  options: WebOptions;
  clusters: ReadonlyMap<string, WebCluster>;
  defaultCluster: string;
  dashboard: DashboardStore;
  logger: Logger;
};
