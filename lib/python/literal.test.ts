import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePythonLiteral } from './literal.ts';
import { isTruncatedRepr, pythonRepr, shortRepr } from './repr.ts';
import { literalValue } from './testing/arbitrary.contract.ts';
import {
  PyBytes,
  PyDate,
  PyDatetime,
  PyDecimal,
  PyFloat,
  PyTime,
  PyTuple,
  PyUuid,
  type PyValue,
} from './values.ts';

const read: [string, PyValue][] = [
  ['None', null],
  ['[True, False, null, true, false]', [true, false, null, true, false]],
  ['{"a": [1, 2.5, -3]}', { a: [1, 2.5, -3] }],
  ['(1,)', new PyTuple([1])],
  ['()', new PyTuple([])],
  ['(1)', 1],
  ['1, 2', new PyTuple([1, 2])],
  ["{1: 'a', None: 'b', True: 2, 1.0: 3}", { '1': 'a', null: 'b', true: 2, '1.0': 3 }],
  ['1_000', 1000],
  ['0xff', 255],
  ['0o17', 15],
  ['0b1_01', 5],
  ['1180591620717411303424', 1180591620717411303424n],
  ['-1180591620717411303424', -1180591620717411303424n],
  ['1.0', new PyFloat(1)],
  ['1e300', new PyFloat(1e300)],
  ['.5', 0.5],
  ['5.', new PyFloat(5)],
  ["float('inf')", Infinity],
  ["float('-inf')", -Infinity],
  ['-inf', -Infinity],
  ['nan', NaN],
  ["'it\\'s' \"a\" '''b\nc'''", "it'sab\nc"],
  [String.raw`'\x41\u00e9\U0001f331\101\n\q'`, 'Aé🌱A\n\\q'],
  [String.raw`r'\n'`, '\\n'],
  [String.raw`b'\xff\x00a'`, new PyBytes(new Uint8Array([255, 0, 97]))],
  [String.raw`Rb"\x"`, new PyBytes(new Uint8Array([92, 120]))],
  [
    'datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)',
    new PyDatetime('2026-01-02T03:04:05.678901+00:00'),
  ],
  [
    'datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone(datetime.timedelta(seconds=19800)))',
    new PyDatetime('2026-01-02T03:04:00+05:30'),
  ],
  [
    'datetime.datetime(2026, 1, 2, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=57600)))',
    new PyDatetime('2026-01-02T00:00:00-08:00'),
  ],
  [
    "datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=zoneinfo.ZoneInfo(key='UTC'))",
    new PyDatetime('2026-01-02T03:04:05+00:00'),
  ],
  ['datetime.date(2040, 1, 2)', new PyDate('2040-01-02')],
  ['datetime.time(3, 4)', new PyTime('03:04:00')],
  ["Decimal('1.10')", new PyDecimal('1.10')],
  ["UUID('12345678-1234-5678-1234-567812345678')", new PyUuid('12345678123456781234567812345678')],
  ['[1, # a comment\n 2]', [1, 2]],
];

const refused: [string, RegExp][] = [
  ['', /value is expected/],
  ['{1, 2}', /set cannot be sent/],
  ['set()', /cannot be sent/],
  ['[1, 2', /expected/],
  ['[1 2]', /expected/],
  ["'abc", /does not end/],
  ['1 + 1', /Text after/],
  ['__import__("os")', /cannot be sent/],
  ['os.system("ls")', /cannot be sent/],
  ['[x for x in y]', /not a value/],
  ['f"{1}"', /f-strings/],
  ['1j', /complex/],
  ['01', /zero/],
  ['{(1, 2): 3}', /key of this kind/],
  ['datetime.datetime(2026, 13, 1)', /not understood/],
  ['<object at 0x1>', /expected/],
  ['[...]', /expected/],
  ['[(,)]', /expected/],
  ['datetime.timezone.utc', /not a value/],
  ["'a' b'b'", /joined/],
];

describe('parsePythonLiteral', () => {
  test.each(read)('reads %s', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual({ ok: true, value });
  });

  test.each(refused)('refuses %s', (text, message) => {
    const result = parsePythonLiteral(text);
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? '' : result.message).toMatch(message);
  });

  test('says where the trouble is, and whether the text was cut', () => {
    expect(parsePythonLiteral('[1, oops]')).toMatchObject({ ok: false, position: 4 });
    expect(parsePythonLiteral("('aaa...', ...,)")).toMatchObject({ ok: false, truncated: true });
    expect(parsePythonLiteral('[1, oops]')).not.toHaveProperty('truncated');
  });

  test('a __proto__ key is an ordinary key', () => {
    const result = parsePythonLiteral("{'__proto__': {'polluted': 1}}");
    expect(result.ok && Object.keys(result.value as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('depth and size are limited', () => {
    for (const open of ['[', '(', '{1:', '-', 'datetime.time(', "'a' ["]) {
      expect(parsePythonLiteral(open.repeat(100_000)).ok, open).toBe(false);
    }
    expect(parsePythonLiteral('x'.repeat(50), { maxLength: 10 })).toMatchObject({ position: 10 });
  });

  test('any text is a value or an error value', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parsePythonLiteral(text).ok === 'boolean'));
    const pieces = [
      "'",
      '"',
      '\\',
      '[',
      '(',
      '{',
      ':',
      ',',
      '1',
      'b',
      '.',
      '-',
      'nan',
      'date(',
      ')',
    ];
    const soup = fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join(''));
    fc.assert(fc.property(soup, (text) => typeof parsePythonLiteral(text).ok === 'boolean'));
  });
});

describe('pythonRepr', () => {
  test('what it prints is read back to an equal value', () => {
    fc.assert(
      fc.property(literalValue, (value) => {
        expect(parsePythonLiteral(pythonRepr(value))).toEqual({ ok: true, value });
      }),
      { numRuns: 500 },
    );
  });

  test.each<[PyValue, string]>([
    [1e16, '1e+16'],
    [new PyFloat(1e16), '1e+16'],
    [new PyFloat(123456), '123456.0'],
    [1.5e-5, '1.5e-05'],
    [0.0001, '0.0001'],
    [new PyFloat(-0), '-0.0'],
    ["it's", `"it's"`],
    ['a\nb\u200b', String.raw`'a\nb\u200b'`],
    [new PyTuple([1]), '(1,)'],
    [{ a: null }, "{'a': None}"],
  ])('prints %s as Python does', (value, text) => {
    expect(pythonRepr(value)).toBe(text);
  });
});

describe('shortRepr', () => {
  test('leaves short values whole and marks long ones as cut', () => {
    expect(shortRepr(new PyTuple([2, 'x']))).toBe("(2, 'x')");
    expect(isTruncatedRepr("(2, 'wait...')")).toBe(false);
    for (const value of [
      new PyTuple(['a'.repeat(5000)]),
      new PyTuple(Array.from({ length: 2000 }, (_, index) => index)),
      { key: 'b'.repeat(5000) },
    ]) {
      const text = shortRepr(value);
      expect(text.length).toBeLessThan(1200);
      expect(isTruncatedRepr(text)).toBe(true);
    }
  });

  test('is never longer than the limit allows, and says when it is not whole', () => {
    fc.assert(
      fc.property(literalValue, fc.integer({ min: 20, max: 200 }), (value, limit) => {
        const text = shortRepr(value, limit);
        expect(text.length).toBeLessThan(limit * 12 + 400);
        if (text !== pythonRepr(value)) expect(text).toContain('...');
      }),
    );
  });
});
