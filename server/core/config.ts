// Merges flags, UMBEL_* variables, the YAML file, the variables that Flower and Celery users have already, and defaults, highest
// first; checks it all and reports every problem at once. It opens nothing but the configuration file.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { AppError, errorText } from './errors.ts';
import type { LogLevel } from './logger.ts';
import { SETTINGS, type Setting, type SettingValues } from './settings.ts';

export type ClusterConfig = {
  name: string;
  demo: boolean;
  /** Null for the demo, whose broker is embedded. */
  brokerUrl: string | null;
  backendUrl: string | null;
  redactKeys: string[];
  retention: {
    maxAgeMs: number | null;
    failureMaxAgeMs: number | null;
    maxBytes: number | null;
    maxTasks: number | null;
  };
  enableEvents: boolean;
  inspectIntervalMs: number | null;
  inspectTimeoutMs: number;
  offlineAfterMs: number;
  lostAfterMs: number;
  queues: string[];
  keyPrefix: string;
  resultKeyPrefix: string;
  eventExchange: string;
  controlExchange: string;
  prioritySteps: number[];
  sentinelMaster: string | null;
  managementUrl: string | null;
};

export type UmbelConfig = {
  host: string;
  port: number;
  basePath: string;
  dataDir: string;
  readOnly: boolean;
  basicAuth: ReadonlyMap<string, string>;
  allowedHosts: string[];
  allowedOrigins: string[];
  trustProxy: boolean;
  flowerMetricNames: boolean;
  logLevel: LogLevel;
  clusters: ClusterConfig[];
  /** Things worth a line at start that do not stop it. */
  warnings: string[];
};

/** Cluster names that are paths or files of our own. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'api',
  'metrics',
  'healthcheck',
  'livez',
  'readyz',
  'settings',
  'login',
  'socket.io',
  '_next',
  'task',
  'tasks',
  'worker',
  'workers',
  'broker',
  'static',
  'dashboard',
  'demo',
]);

export type ConfigInput = {
  /** By setting name, as the command line gave them. */
  flags: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  /** Replaces reading the file, for tests. */
  readFile?: (file: string) => string;
  /** What is wrong with the addresses of a cluster, a sentence each; this room knows no brokers. */
  addressProblems?: (cluster: ClusterConfig) => string[];
};

/** Throws AppError bad_configuration whose message lists every problem, a line each. */
export function loadConfig(input: ConfigInput): UmbelConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  const flags = parseAll(
    SETTINGS,
    (setting) => input.flags[setting.name],
    (setting) => `--${setting.name}`,
    problems,
  );
  const env = readEnv(input.env, problems, warnings);
  const configFile = flags.config ?? env.own.config;
  const file =
    configFile === undefined
      ? { values: {}, clusters: new Map<string, SettingValues>() }
      : readConfigFile(configFile, input.readFile, problems);
  const merged: SettingValues = { ...env.foreign, ...file.values, ...env.own, ...flags };
  const basicAuth = readCredentials(merged['basic-auth'] ?? [], problems);
  const clusters = resolveClusters(merged, file.clusters, problems, warnings);
  for (const cluster of clusters) {
    const of = file.clusters.size > 0 ? `cluster "${cluster.name}": ` : '';
    for (const text of input.addressProblems?.(cluster) ?? []) problems.push(`${of}${text}`);
  }
  const host = merged.address ?? '127.0.0.1';
  if (!isLoopback(host) && basicAuth.size === 0 && merged['no-auth'] !== true) {
    problems.push(
      `--address ${host}: listening beyond loopback needs --basic-auth user:password, or --no-auth if everybody who can reach it may use it`,
    );
  }
  if (problems.length > 0) throw new AppError('bad_configuration', problems.join('\n'));
  return {
    host,
    port: merged.port ?? 5555,
    basePath: merged['base-path'] ?? '',
    dataDir: path.resolve(merged['data-dir'] ?? defaultDataDir(input.env)),
    readOnly: merged['read-only'] ?? false,
    basicAuth,
    allowedHosts: merged['allowed-hosts'] ?? [],
    allowedOrigins: merged['allowed-origins'] ?? [],
    trustProxy: merged['trust-proxy'] ?? false,
    flowerMetricNames: merged['flower-metrics'] ?? true,
    logLevel: merged['log-level'] ?? 'info',
    clusters,
    warnings,
  };
}

export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

function defaultDataDir(env: ConfigInput['env']): string {
  const dataHome = env['XDG_DATA_HOME'];
  return path.join(
    dataHome !== undefined && dataHome !== ''
      ? dataHome
      : path.join(os.homedir(), '.local', 'share'),
    'umbel',
  );
}

function parseAll(
  settings: readonly Setting[],
  valueOf: (setting: Setting) => unknown,
  labelOf: (setting: Setting) => string,
  problems: string[],
): SettingValues {
  const values: Record<string, unknown> = {};
  for (const setting of settings) {
    const value = valueOf(setting);
    if (value === undefined || value === null) continue;
    const result = setting.schema.safeParse(value);
    if (result.success) values[setting.name] = result.data;
    else problems.push(`${labelOf(setting)}: ${issueText(result.error)}`);
  }
  return values;
}

function issueText(error: z.ZodError): string {
  return [...new Set(error.issues.map((issue) => issue.message))].join('; ');
}

const envName = (setting: Setting) => `UMBEL_${setting.name.toUpperCase().replaceAll('-', '_')}`;

function readEnv(env: ConfigInput['env'], problems: string[], warnings: string[]) {
  const present = (name: string) => {
    const value = env[name];
    return value === undefined || value === '' ? undefined : value;
  };
  /** Kubernetes injects `UMBEL_PORT=tcp://10.0.0.1:5555` beside a service called umbel. */
  const injected = (name: string) =>
    /_PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(present(name) ?? '');
  const usable = (name: string) => {
    if (!injected(name)) return present(name);
    warnings.push(
      `${name} was set by Kubernetes for a service of that name and is ignored; use --port`,
    );
    return undefined;
  };
  const own = parseAll(SETTINGS, (setting) => usable(envName(setting)), envName, problems);
  const aliasOf = (setting: Setting) =>
    (setting.aliases ?? []).find((alias) => present(alias) !== undefined && !injected(alias));
  const foreign = parseAll(
    SETTINGS,
    (setting) => {
      const alias = aliasOf(setting);
      return alias === undefined ? undefined : present(alias);
    },
    (setting) => aliasOf(setting) ?? setting.name,
    problems,
  );
  for (const setting of SETTINGS) {
    for (const alias of (setting as Setting).aliases ?? []) {
      if (injected(alias))
        warnings.push(
          `${alias} was set by Kubernetes for a service of that name and is ignored; use --port`,
        );
    }
  }
  return { own, foreign };
}

function readConfigFile(file: string, readFile: ConfigInput['readFile'], problems: string[]) {
  const empty = { values: {} as SettingValues, clusters: new Map<string, SettingValues>() };
  let document: unknown;
  try {
    document = parseYaml((readFile ?? ((name) => readFileSync(name, 'utf8')))(file), {
      maxAliasCount: 100,
    });
  } catch (error) {
    problems.push(`--config ${file}: ${errorText(error).split('\n')[0] ?? 'cannot be read'}`);
    return empty;
  }
  if (document === null || document === undefined) return empty;
  if (!isRecord(document)) {
    problems.push(`--config ${file}: expected settings such as "port: 5555"`);
    return empty;
  }
  const { clusters: clusterSection, ...rest } = document;
  const values = readSection(
    rest,
    SETTINGS.filter((setting) => setting.name !== 'config'),
    file,
    problems,
  );
  const clusters = new Map<string, SettingValues>();
  if (clusterSection !== undefined && !isRecord(clusterSection)) {
    problems.push(`${file}: clusters: expected a name and settings for each cluster`);
  } else {
    for (const [name, section] of Object.entries(clusterSection ?? {})) {
      if (!isRecord(section))
        problems.push(`${file}: clusters.${name}: expected settings such as "broker: redis://…"`);
      else
        clusters.set(
          name,
          readSection(
            section,
            SETTINGS.filter((setting) => 'perCluster' in setting),
            `${file}: clusters.${name}`,
            problems,
          ),
        );
    }
  }
  return { values, clusters };
}

function readSection(
  section: Record<string, unknown>,
  settings: readonly Setting[],
  where: string,
  problems: string[],
): SettingValues {
  const known = new Map(settings.map((setting) => [setting.name, setting]));
  const normalized = new Map(
    Object.entries(section).map(([key, value]) => [key.replaceAll('_', '-'), value]),
  );
  for (const key of normalized.keys()) {
    if (!known.has(key))
      problems.push(`${where}: unknown setting "${key}"${suggestion(key, [...known.keys()])}`);
  }
  return parseAll(
    settings,
    (setting) => normalized.get(setting.name),
    (setting) => `${where}: ${setting.name}`,
    problems,
  );
}

function suggestion(word: string, candidates: readonly string[]): string {
  const close = candidates.find(
    (candidate) => candidate.startsWith(word.slice(0, 4)) || candidate.includes(word),
  );
  return close === undefined ? '' : ` (did you mean "${close}"?)`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readCredentials(entries: readonly string[], problems: string[]): Map<string, string> {
  const credentials = new Map<string, string>();
  for (const entry of entries) {
    const colon = entry.indexOf(':');
    if (colon < 1 || colon === entry.length - 1)
      problems.push('--basic-auth: expected user:password (several with commas)');
    else credentials.set(entry.slice(0, colon), entry.slice(colon + 1));
  }
  return credentials;
}

function resolveClusters(
  merged: SettingValues,
  sections: ReadonlyMap<string, SettingValues>,
  problems: string[],
  warnings: string[],
): ClusterConfig[] {
  const clusters: ClusterConfig[] = [];
  for (const [name, section] of sections) {
    if (!/^[a-z0-9][\w.-]{0,62}$/i.test(name))
      problems.push(`cluster "${name}": a name has letters, digits, ".", "_" and "-", at most 63`);
    else if (RESERVED_NAMES.has(name.toLowerCase()))
      problems.push(`cluster "${name}": the name is Umbel's own; choose another`);
    const { broker: _broker, backend: _backend, ...shared } = merged;
    if (section.broker === undefined) problems.push(`cluster "${name}": broker is missing`);
    clusters.push(toCluster(name, { ...shared, ...section }, false));
  }
  if (sections.size > 0) {
    if (merged.broker !== undefined)
      warnings.push(
        'clusters come from the configuration file; the single broker given besides is not watched',
      );
    return clusters;
  }
  if (merged.broker !== undefined) return [toCluster('default', merged, false)];
  if (merged.backend !== undefined)
    warnings.push('a result backend without a broker is not used: the demo has its own');
  const { backend: _unused, ...rest } = merged;
  return [toCluster('demo', rest, true)];
}

function toCluster(name: string, values: SettingValues, demo: boolean): ClusterConfig {
  return {
    name,
    demo,
    brokerUrl: values.broker ?? null,
    backendUrl: values.backend ?? null,
    redactKeys: values.redact ?? [],
    retention: {
      maxAgeMs: orDefault(values['keep-for'], 7 * 86_400_000),
      failureMaxAgeMs: orDefault(values['keep-failures-for'], 30 * 86_400_000),
      maxBytes: orDefault(values['keep-size'], 10e9),
      maxTasks: values['keep-tasks'] ?? null,
    },
    enableEvents: values['enable-events'] ?? false,
    inspectIntervalMs: orDefault(values['inspect-interval'], 5000),
    inspectTimeoutMs: values['inspect-timeout'] ?? 1000,
    offlineAfterMs: values['offline-after'] ?? 30_000,
    lostAfterMs: values['lost-after'] ?? 50_000,
    queues: values.queues ?? [],
    keyPrefix: values['key-prefix'] ?? '',
    resultKeyPrefix: values['result-key-prefix'] ?? '',
    eventExchange: values['event-exchange'] ?? 'celeryev',
    controlExchange: values['control-exchange'] ?? 'celery',
    prioritySteps: values['priority-steps'] ?? [0, 3, 6, 9],
    sentinelMaster: values['sentinel-master'] ?? null,
    managementUrl: values['management-url'] ?? null,
  };
}

/** Null was asked for ("none") and stays. */
function orDefault(value: number | null | undefined, fallback: number): number | null {
  return value === undefined ? fallback : value;
}
