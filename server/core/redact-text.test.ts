import { expect, it } from 'vitest';
import { createTextRedactor, isSecretName } from './redact-text.ts';

const redact = createTextRedactor(['password', 'api.key'])!;

it.each([
  [`{'password': 's3cret', 'n': 1}`, `{'password': '***', 'n': 1}`],
  [`{"password": "a\\"b", "n": 1}`, `{"password": '***', "n": 1}`],
  [`login(password='x', user='u')`, `login(password='***', user='u')`],
  [`{'Password': ['a', {'b': 'c'}], 'n': 1}`, `{'Password': '***', 'n': 1}`],
  [`{'n': 1, 'password': 'cut in the mid...`, `{'n': 1, 'password': '***'`],
  [`{'api.key': b'bytes', 'apixkey': 'kept'}`, `{'api.key': '***', 'apixkey': 'kept'}`],
  [`{'a': {'password': 12}}`, `{'a': {'password': '***'}}`],
  [
    String.raw`{"body": "{\"password\": \"s3cret\", \"n\": 1}"}`,
    `{"body": "{\\"password\\": '***', \\"n\\": 1}"}`,
  ],
  [String.raw`'{\'password\': "it\'s", \'n\': 1}'`, String.raw`'{\'password\': '***', \'n\': 1}'`],
  [`    self.password = "s3cret"\nnext`, `    self.password = '***'\nnext`],
  [`{'my_password': 'kept'}`, `{'my_password': 'kept'}`],
])('RD1 masks %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

it('RD2 without keys there is nothing to do', () => {
  expect(createTextRedactor([' '])).toBeNull();
});

it('RD1 knows the name of a secret field', () => {
  const names = ['password', 'PASSWORD', 'pass', "it's"];
  expect(names.map((name) => isSecretName(name, redact))).toEqual([true, true, false, false]);
});

it('RD1 is quick on text made of escapes', () => {
  const text = '\\'.repeat(100_000) + `{'password': 'x'}`;
  expect(redact(text).endsWith(`{'password': '***'}`)).toBe(true);
});
