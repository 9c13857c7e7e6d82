import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { isAppError } from './errors.ts';

const none = { flags: {}, env: {} };

function problemsOf(input: Parameters<typeof loadConfig>[0]): string[] {
  try {
    loadConfig(input);
  } catch (error) {
    if (isAppError(error) && error.code === 'bad_configuration') return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('runs the demo on loopback when nothing is configured', () => {
    const config = loadConfig(none);
    expect(config).toMatchObject({ host: '127.0.0.1', port: 5555, basePath: '', readOnly: false });
    expect(config.clusters).toMatchObject([{ name: 'demo', demo: true, brokerUrl: null }]);
  });

  it('takes a flag over a variable over the file over what Flower used over the default', () => {
    const file = { readFile: () => 'port: 3\naddress: localhost\n' };
    const foreign = { FLOWER_PORT: '2', FLOWER_URL_PREFIX: 'flower/' };
    const env = { ...foreign, UMBEL_PORT: '4' };
    const flags = { config: 'umbel.yaml' };
    expect(loadConfig({ flags: {}, env: foreign }).port).toBe(2);
    expect(loadConfig({ flags, env: foreign, ...file }).port).toBe(3);
    expect(loadConfig({ flags, env, ...file }).port).toBe(4);
    expect(loadConfig({ flags: { ...flags, port: '5' }, env, ...file })).toMatchObject({
      port: 5,
      host: 'localhost',
      basePath: '/flower',
    });
  });

  it('watches the broker that Celery is configured with', () => {
    const config = loadConfig({
      flags: {},
      env: { CELERY_BROKER_URL: 'redis://h/1', CELERY_RESULT_BACKEND: 'redis://h/2' },
    });
    expect(config.clusters).toMatchObject([
      { name: 'default', demo: false, brokerUrl: 'redis://h/1', backendUrl: 'redis://h/2' },
    ]);
  });

  it('ignores the variables that Kubernetes injects, with a warning', () => {
    const config = loadConfig({
      flags: {},
      env: { UMBEL_PORT: 'tcp://10.0.0.1:5555', FLOWER_PORT: 'tcp://10.0.0.2:5555' },
    });
    expect(config.port).toBe(5555);
    expect(config.warnings).toEqual([
      expect.stringContaining('UMBEL_PORT was set by Kubernetes'),
      expect.stringContaining('FLOWER_PORT was set by Kubernetes'),
    ]);
  });

  it('reports every problem in one go', () => {
    const problems = problemsOf({
      flags: { port: 'http', 'keep-for': 'soon', config: 'umbel.yaml' },
      env: { UMBEL_READ_ONLY: 'perhaps', UMBEL_LOST_AFTER: 'none' },
      readFile: () =>
        'prt: 1\nclusters:\n  api: { broker: "redis://h" }\n  Demo: { broker: "redis://h" }\n  prod: {}\n  stage: { broker: "redis://h", port: 1 }\n',
    });
    expect(problems).toEqual([
      expect.stringContaining('--port: expected a port number'),
      expect.stringContaining('--keep-for: expected something like 7d'),
      expect.stringContaining('UMBEL_READ_ONLY: expected true or false'),
      expect.stringContaining('UMBEL_LOST_AFTER: expected a time such as 30s'),
      expect.stringContaining('unknown setting "prt"'),
      expect.stringContaining('clusters.stage: unknown setting "port"'),
      expect.stringContaining('cluster "api": the name is Umbel'),
      // Its history would be the demo's, which begins anew with each start.
      expect.stringContaining('cluster "Demo": the name is Umbel'),
      expect.stringContaining('cluster "prod": broker is missing'),
    ]);
  });

  it('reports addresses that cannot be used beside every other problem, with the cluster they are of', () => {
    const addressProblems = ({ brokerUrl }: { brokerUrl: string | null }) =>
      brokerUrl?.startsWith('foo:') === true ? ['no broker of the kind "foo"'] : [];
    const flags = { port: '99999', broker: 'foo://bar' };
    expect(problemsOf({ flags, env: {}, addressProblems })).toEqual([
      '--port: expected 0 to 65535',
      'no broker of the kind "foo"',
    ]);
    const readFile = () => 'clusters: { a: { broker: "foo://x" }, b: { broker: "redis://y" } }';
    expect(problemsOf({ flags: { config: 'c' }, env: {}, readFile, addressProblems })).toEqual([
      'cluster "a": no broker of the kind "foo"',
    ]);
  });

  it('refuses to listen beyond loopback without credentials or an explicit --no-auth', () => {
    const address = { address: '0.0.0.0' };
    expect(problemsOf({ flags: address, env: {} })).toEqual([
      expect.stringContaining('needs --basic-auth'),
    ]);
    expect(problemsOf({ flags: { ...address, 'no-auth': true }, env: {} })).toEqual([]);
    const config = loadConfig({ flags: { ...address, 'basic-auth': 'ada:love:lace' }, env: {} });
    expect(config.basicAuth.get('ada')).toBe('love:lace');
  });

  it('reads several clusters, each with shared settings of its own choice', () => {
    const config = loadConfig({
      flags: { config: 'c' },
      env: {},
      readFile: () =>
        'redact: [password]\nclusters:\n  prod: { broker: "redis://a", keep_for: 1d, priority-steps: [0, 5] }\n  stage: { broker: "amqp://b", redact: [] , keep-for: none}\n',
    });
    expect(config.clusters).toMatchObject([
      {
        name: 'prod',
        redactKeys: ['password'],
        retention: { maxAgeMs: 86_400_000 },
        prioritySteps: [0, 5],
      },
      { name: 'stage', redactKeys: [], retention: { maxAgeMs: null }, prioritySteps: [0, 3, 6, 9] },
    ]);
  });

  it('says what is wrong with a file that is not YAML or not there', () => {
    expect(problemsOf({ flags: { config: 'c' }, env: {}, readFile: () => 'a: [1' })).toHaveLength(
      1,
    );
    expect(problemsOf({ flags: { config: '/no/such/file' }, env: {} })).toEqual([
      expect.stringContaining('/no/such/file'),
    ]);
    expect(
      problemsOf({ flags: { config: 'c' }, env: {}, readFile: () => '- just\n- a list' }),
    ).toHaveLength(1);
  });

  it.each([
    ['umbel', '/umbel'],
    ['/umbel/', '/umbel'],
    ['/', ''],
    ['//a/b//', '/a/b'],
  ])('reads the base path %s as "%s"', (given, expected) => {
    expect(loadConfig({ flags: { 'base-path': given }, env: {} }).basePath).toBe(expected);
  });
});
