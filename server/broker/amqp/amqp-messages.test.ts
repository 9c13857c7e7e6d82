import { expect, test } from 'vitest';
import { toAmqp } from './amqp-messages.ts';

const int = (value: number) => ({ '!': 'int', value });

test('integers in headers have 32 bits where they fit, however small they are', () => {
  const headers = {
    ...{ retries: 0, group_index: 200, less: -1, most: 2 ** 31 - 1, more: 2 ** 31, half: 0.5 },
    ...{ timelimit: [300, null], stamps: { tenant: 1000, name: 'x' } },
  };
  const message = { headers, properties: {}, contentType: '', contentEncoding: '' };
  expect(toAmqp({ ...message, body: Buffer.alloc(0) }).headers).toEqual({
    ...{ retries: int(0), group_index: int(200), less: int(-1), most: int(2 ** 31 - 1) },
    ...{ more: 2 ** 31, half: 0.5 },
    ...{ timelimit: [int(300), null], stamps: { tenant: int(1000), name: 'x' } },
  });
});
