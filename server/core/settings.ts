// Every setting once: its flag, its UMBEL_* variable, its key in the YAML file, what Flower called it, and what it means. The
// command line, the environment, the file and the table in the README all come from here.
import { z } from 'zod';

const SIZE = /^(\d+(?:\.\d+)?)\s*(b|kb|kib|mb|mib|gb|gib)?$/i;
const SPAN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?$/i;
const SIZE_UNITS: Record<string, number> = {
  b: 1,
  kb: 1e3,
  kib: 1024,
  mb: 1e6,
  mib: 1024 ** 2,
  gb: 1e9,
  gib: 1024 ** 3,
};
const SPAN_UNITS: Record<string, number> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86400e3,
  w: 604800e3,
};

const NEVER = new Set(['none', 'off', 'never', 'unlimited']);

function measure(
  pattern: RegExp,
  units: Record<string, number>,
  fallbackUnit: string,
  example: string,
) {
  return z.union([z.string(), z.number()]).transform((input, context): number | null => {
    const text = String(input).trim();
    if (NEVER.has(text.toLowerCase())) return null;
    const match = pattern.exec(text);
    const factor = units[(match?.[2] ?? fallbackUnit).toLowerCase()];
    if (!match || factor === undefined) {
      context.addIssue({
        code: 'custom',
        message: `expected something like ${example}, or "none"`,
      });
      return z.NEVER;
    }
    return Math.round(Number(match[1]) * factor);
  });
}

const sizeBytes = measure(SIZE, SIZE_UNITS, 'b', '2GB');
const spanMs = measure(SPAN, SPAN_UNITS, 's', '7d or 90s');
/** For what cannot be switched off. */
const someSpanMs = measure(SPAN, SPAN_UNITS, 's', '30s').pipe(
  z.number('expected a time such as 30s').positive('expected a time such as 30s'),
);

const TRUE_WORDS = new Set(['y', 'yes', 't', 'true', 'on', '1', '']);
const FALSE_WORDS = new Set(['n', 'no', 'f', 'false', 'off', '0']);
const flag = z.union([z.boolean(), z.string(), z.number()]).transform((input, context): boolean => {
  if (typeof input === 'boolean') return input;
  const word = String(input).trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  context.addIssue({ code: 'custom', message: 'expected true or false' });
  return z.NEVER;
});

const list = z
  .union([z.array(z.union([z.string(), z.number()])), z.string()])
  .transform((input) =>
    (Array.isArray(input) ? input.map(String) : input.split(','))
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const steps = list
  .transform((parts) => parts.map(Number))
  .pipe(z.array(z.number('expected whole numbers').int().min(0).max(255)).min(1));

const port = z.coerce
  .number({ error: 'expected a port number' })
  .int()
  .min(0, 'expected 0 to 65535')
  .max(65535, 'expected 0 to 65535');

const basePath = z.string().transform((input, context): string => {
  const trimmed = input.trim().replace(/^\/+|\/+$/g, '');
  if (trimmed === '') return '';
  if (!/^[\w.~-]+(\/[\w.~-]+)*$/.test(trimmed)) {
    context.addIssue({ code: 'custom', message: 'expected a path such as /umbel' });
    return z.NEVER;
  }
  return `/${trimmed}`;
});

const brokerUrl = z
  .string()
  .trim()
  .min(1, 'expected a broker URL such as redis://localhost:6379/0');

export type Setting = {
  /** The flag without dashes, and the key in the YAML file. */
  name: string;
  schema: z.ZodType;
  /** What the flag's value is called in the help; null for a switch. */
  value: string | null;
  /** Whether it may stand in a cluster's section of the file. */
  perCluster?: true;
  /** The FLOWER_* variable (without prefix) or another variable that means the same. */
  aliases?: readonly string[];
  default: string;
  help: string;
};

const setting = <const S extends Setting>(definition: S): S => definition;

export const SETTINGS = [
  setting({
    name: 'broker',
    schema: brokerUrl,
    value: 'url',
    perCluster: true,
    aliases: ['FLOWER_BROKER', 'CELERY_BROKER_URL'],
    default: 'the demo',
    help: 'Broker to watch: redis://, rediss://, sentinel://, redis+socket://, amqp:// or amqps://',
  }),
  setting({
    name: 'backend',
    schema: z.string().trim().min(1),
    value: 'url',
    perCluster: true,
    aliases: ['CELERY_RESULT_BACKEND'],
    default: 'none',
    help: 'Result backend, to read exact arguments and results: redis://, db+sqlite://, db+postgresql://',
  }),
  setting({
    name: 'port',
    schema: port,
    value: 'number',
    aliases: ['FLOWER_PORT'],
    default: '5555',
    help: 'Port to listen on; 0 takes any free one',
  }),
  setting({
    name: 'address',
    schema: z.string().trim().min(1),
    value: 'host',
    aliases: ['FLOWER_ADDRESS'],
    default: '127.0.0.1',
    help: 'Address to listen on; any other than loopback needs --basic-auth or --no-auth',
  }),
  setting({
    name: 'base-path',
    schema: basePath,
    value: 'path',
    aliases: ['FLOWER_URL_PREFIX'],
    default: '/',
    help: 'Serve everything below this path',
  }),
  setting({
    name: 'data-dir',
    schema: z.string().trim().min(1),
    value: 'dir',
    default: '$XDG_DATA_HOME/umbel',
    help: 'Where history is kept',
  }),
  setting({
    name: 'config',
    schema: z.string().trim().min(1),
    value: 'file',
    default: 'none',
    help: 'YAML file with these settings and with clusters',
  }),
  setting({
    name: 'read-only',
    schema: flag,
    value: null,
    aliases: ['FLOWER_READ_ONLY'],
    default: 'false',
    help: 'Refuse everything that changes a cluster',
  }),
  setting({
    name: 'basic-auth',
    schema: list,
    value: 'user:password,…',
    aliases: ['FLOWER_BASIC_AUTH'],
    default: 'none',
    help: 'Ask for these credentials',
  }),
  setting({
    name: 'no-auth',
    schema: flag,
    value: null,
    default: 'false',
    help: 'Listen beyond loopback without asking anybody',
  }),
  setting({
    name: 'redact',
    schema: list,
    value: 'key,…',
    perCluster: true,
    default: 'none',
    help: 'Mask the values of these argument names when they arrive',
  }),
  setting({
    name: 'log-level',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    value: 'level',
    default: 'info',
    help: 'trace, debug, info, warn, error or silent',
  }),
  setting({
    name: 'allowed-hosts',
    schema: list,
    value: 'name,…',
    default: 'none',
    help: 'Names under which a proxy reaches Umbel, for the Host header ("*": any)',
  }),
  setting({
    name: 'allowed-origins',
    schema: list,
    value: 'origin,…',
    default: 'none',
    help: 'Other origins whose pages may send commands',
  }),
  setting({
    name: 'trust-proxy',
    schema: flag,
    value: null,
    aliases: ['FLOWER_XHEADERS'],
    default: 'false',
    help: 'Believe X-Forwarded-* headers',
  }),
  setting({
    name: 'keep-for',
    schema: spanMs,
    value: 'time',
    perCluster: true,
    default: '7d',
    help: 'Keep finished tasks this long ("none": for ever)',
  }),
  setting({
    name: 'keep-failures-for',
    schema: spanMs,
    value: 'time',
    perCluster: true,
    default: '30d',
    help: 'Keep failures this long',
  }),
  setting({
    name: 'keep-size',
    schema: sizeBytes,
    value: 'size',
    perCluster: true,
    default: '10GB',
    help: 'Keep at most this much on disk a cluster',
  }),
  setting({
    name: 'keep-tasks',
    schema: z.coerce.number().int().positive(),
    value: 'number',
    perCluster: true,
    aliases: ['FLOWER_MAX_TASKS'],
    default: 'no limit',
    help: 'Keep at most this many tasks a cluster',
  }),
  setting({
    name: 'enable-events',
    schema: flag,
    value: null,
    perCluster: true,
    default: 'false',
    help: 'Switch task events on in workers that run without',
  }),
  setting({
    name: 'inspect-interval',
    schema: spanMs,
    value: 'time',
    perCluster: true,
    default: '5s',
    help: 'Ask workers what they run so often ("none": never ask)',
  }),
  setting({
    name: 'inspect-timeout',
    schema: someSpanMs,
    value: 'time',
    perCluster: true,
    default: '1s',
    help: 'Wait so long for their answers',
  }),
  setting({
    name: 'offline-after',
    schema: someSpanMs,
    value: 'time',
    perCluster: true,
    default: '30s',
    help: 'Call a worker offline after so much silence',
  }),
  setting({
    name: 'lost-after',
    schema: someSpanMs,
    value: 'time',
    perCluster: true,
    default: '50s',
    help: 'Call a task lost that nobody has held for so long',
  }),
  setting({
    name: 'queues',
    schema: list,
    value: 'name,…',
    perCluster: true,
    default: 'none',
    help: 'Queues to watch that the broker cannot name',
  }),
  setting({
    name: 'key-prefix',
    schema: z.string(),
    value: 'prefix',
    perCluster: true,
    default: 'none',
    help: "Celery's global_keyprefix (Redis)",
  }),
  setting({
    name: 'result-key-prefix',
    schema: z.string(),
    value: 'prefix',
    perCluster: true,
    default: 'none',
    help: "Celery's global_keyprefix of the result backend (Redis)",
  }),
  setting({
    name: 'event-exchange',
    schema: z.string().min(1),
    value: 'name',
    perCluster: true,
    default: 'celeryev',
    help: "Celery's event_exchange",
  }),
  setting({
    name: 'control-exchange',
    schema: z.string().min(1),
    value: 'name',
    perCluster: true,
    default: 'celery',
    help: "Celery's control_exchange",
  }),
  setting({
    name: 'priority-steps',
    schema: steps,
    value: '0,3,6,9',
    perCluster: true,
    default: '0,3,6,9',
    help: "Celery's priority_steps (Redis)",
  }),
  setting({
    name: 'sentinel-master',
    schema: z.string().min(1),
    value: 'name',
    perCluster: true,
    default: 'none',
    help: "Celery's master_name (Redis Sentinel), of broker and backend",
  }),
  setting({
    name: 'management-url',
    schema: z.string().min(1),
    value: 'url',
    perCluster: true,
    aliases: ['FLOWER_BROKER_API'],
    default: 'probed',
    help: "RabbitMQ's management API, such as http://user:password@host:15672/api/",
  }),
  setting({
    name: 'flower-metrics',
    schema: flag,
    value: null,
    default: 'true',
    help: "Also offer the metrics under Flower's names",
  }),
] as const satisfies readonly Setting[];

export type SettingName = (typeof SETTINGS)[number]['name'];
export type SettingValues = {
  [S in (typeof SETTINGS)[number] as S['name']]?: z.output<S['schema']>;
};
