// The options of a task that is sent by its name, as `apply_async` takes them in JSON. Nothing is left out in silence: an option
// that Umbel cannot pass on is refused.
import { z } from 'zod';
import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { parseMoment } from '../../lib/filter/values.ts';
import { decodeKombuJson } from '../celery/codec/kombu-json.ts';
import { AppError } from '../core/errors.ts';

const moment = z.string().transform((text, context): number => {
  // Microseconds are more than a clock of milliseconds tells.
  const known = parseMoment(
    text
      .trim()
      .replace(' ', 'T')
      .replace(/(\.\d{3})\d+/, '$1'),
  );
  if (known !== null) return known.from;
  context.addIssue({
    code: 'custom',
    message: 'expected a time such as 2026-05-01 12:00:00.000000',
  });
  return z.NEVER;
});
const seconds = z.number().min(0).max(315_360_000);

const options = z.strictObject({
  queue: z.string().min(1).max(255).nullish(),
  exchange: z.string().max(255).nullish(),
  routing_key: z.string().max(255).nullish(),
  priority: z.number().int().min(0).max(255).nullish(),
  countdown: seconds.nullish(),
  eta: moment.nullish(),
  expires: z.union([seconds, moment]).nullish(),
  task_id: z.string().min(1).max(255).nullish(),
  serializer: z.enum(['json', 'yaml', 'msgpack']).nullish(),
  time_limit: seconds.nullish(),
  soft_time_limit: seconds.nullish(),
  shadow: z.string().max(255).nullish(),
  ignore_result: z.boolean().nullish(),
});

export type SendOptions = z.infer<typeof options> & {
  args: PyValue[];
  kwargs: PyDict;
  headers: PyDict;
};

/** Reads `{"args": […], "kwargs": {…}, …}`; an empty text is an empty object. Throws AppError bad_request. */
export function readSendOptions(text: string): SendOptions {
  const decoded = decodeKombuJson(text.trim() === '' ? '{}' : text);
  if (!decoded.ok) throw new AppError('bad_request', `The body is not JSON: ${decoded.message}`);
  if (!isPyDict(decoded.value)) throw new AppError('bad_request', 'The body must be an object');
  const { args = [], kwargs = {}, headers = {}, ...rest } = decoded.value;
  if (!Array.isArray(args)) throw new AppError('bad_request', 'args must be an array');
  if (!isPyDict(kwargs)) throw new AppError('bad_request', 'kwargs must be an object');
  if (!isPyDict(headers)) throw new AppError('bad_request', 'headers must be an object');
  const read = options.safeParse(rest);
  if (read.success) return { ...read.data, args, kwargs, headers };
  const said = read.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new AppError('bad_request', said.join('; ').slice(0, 1000));
}
