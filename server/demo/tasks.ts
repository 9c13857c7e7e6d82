// The tasks of the demo: a small shop that charges orders, resizes pictures, writes reports and now and then fails. All of them
// do real work. Written as a user would write them; loaded in the pool's threads.
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { TaskRegistry } from '../client/task-types.ts';
import { ValueError } from '../client/task-errors.ts';
import { assetUrl } from '../core/entries.ts';
import { TEXTS } from './texts.ts';

class PaymentDeclined extends Error {
  readonly code: string;
  readonly pythonArgs: [string, string];

  constructor(reason: string, code: string) {
    super(`${reason} (${code})`);
    this.name = 'PaymentDeclined';
    this.code = code;
    this.pythonArgs = [reason, code];
  }
}

class GatewayTimeout extends Error {
  override readonly name = 'GatewayTimeout';
}

export type OrderLine = { sku: string; quantity: number; cents: number };

export function registerTasks(app: TaskRegistry) {
  return {
    add: app.task('math.add', (x: number, y: number) => x + y, { params: ['x', 'y'] }),
    multiply: app.task('math.multiply', (x: number, y: number) => x * y, { params: ['x', 'y'] }),
    sum: app.task('math.sum', (numbers: number[]) =>
      numbers.reduce((total, number) => total + number, 0),
    ),

    charge: app.task(
      'shop.orders.charge',
      (order: number, lines: OrderLine[]) => {
        const cents = lines.reduce((total, line) => total + line.quantity * line.cents, 0);
        if (lines.some(({ quantity }) => quantity < 1)) {
          throw new ValueError(`order ${String(order)}: a quantity has to be at least 1`);
        }
        if (cents > 90_000) throw new PaymentDeclined('limit of the card exceeded', 'card_limit');
        // An order without lines was never thought of: the error that every shop knows.
        const { sku } = lines[0] as OrderLine;
        const receipt = digest(`${String(order)}:${sku}:${String(cents)}`).slice(0, 12);
        return { order, cents, receipt };
      },
      { priority: 0 },
    ),
    confirm: app.task(
      'shop.orders.confirm',
      (receipt: { order: number; cents: number; receipt: string }) =>
        `Order ${String(receipt.order)}: ${(receipt.cents / 100).toFixed(2)} € (${receipt.receipt})`,
    ),
    ship: app.task(
      'shop.orders.ship',
      (order: number, address: { name: string; town: string }) => ({
        order,
        label: `${address.name.toUpperCase()}, ${address.town}`,
        parcel: digest(`parcel ${String(order)}`).slice(0, 10),
      }),
    ),
    syncStock: app.task(
      'shop.stock.sync',
      (warehouse: string, attempt: number) => {
        const answer = digest(`${warehouse}:${String(attempt)}:${String(Date.now())}`);
        if (parseInt(answer.slice(0, 2), 16) < 140) {
          throw new GatewayTimeout(`${warehouse} did not answer in time`);
        }
        return { warehouse, checksum: answer.slice(0, 8) };
      },
      {
        autoretryFor: ['GatewayTimeout'],
        retryBackoff: 1,
        retryBackoffMaxMs: 20_000,
        maxRetries: 4,
      },
    ),
    remind: app.task('shop.carts.remind', (cart: number, customer: string) => ({
      cart,
      subject: `${customer}, your basket is waiting`,
    })),

    wordCount: app.task('reports.word_count', async (name: string) => {
      const text = await readText(name);
      return { words: wordsOf(text).length, characters: text.length };
    }),
    countSection: app.task('reports.count_section', async (name: string, section: number) => {
      const sections = (await readText(name)).split(/\n\s*\n/);
      return wordsOf(sections[section] ?? '').length;
    }),
    summarise: app.task('reports.summarise', (counts: number[]) => ({
      sections: counts.length,
      words: counts.reduce((total, count) => total + count, 0),
      longest: Math.max(0, ...counts),
    })),
    nightly: app.task(
      'reports.nightly',
      async (context, day: string, steps: number) => {
        const text = await readText(TEXTS[0]);
        let checksum = day;
        for (let step = 1; step <= steps; step += 1) {
          checksum = digest(checksum + text).slice(0, 16);
          context.updateState('PROGRESS', { done: step, total: steps });
          context.sendEvent('task-progress', { done: step, total: steps });
          await context.sleep(600);
        }
        return { day, checksum };
      },
      { bind: true, softTimeLimitMs: 60_000 },
    ),
    export: app.task(
      'reports.export',
      async (context, rows: number) => {
        let text = '';
        for (let row = 0; row < rows; row += 1) {
          text += `${String(row)};${digest(String(row)).slice(0, 8)}\n`;
          if (row % 50 === 0) await context.sleep(20);
        }
        return { rows, bytes: text.length, digest: digest(text).slice(0, 16) };
      },
      { bind: true, timeLimitMs: 2500 },
    ),

    primes: app.task('media.render.primes', (limit: number) => countPrimes(limit)),
    thumbnail: app.task(
      'media.images.thumbnail',
      (image: string, width: number, height: number) => {
        const pixels = shade(width, height);
        return { image, width, height, average: pixels.average, digest: digest(pixels.data) };
      },
      { params: ['image', 'width', 'height'], rateLimit: '5/s' },
    ),
    cleanUp: app.task('system.clean_up', (days: number) => ({ days, removed: 0 }), {
      ignoreResult: true,
    }),
  };
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function wordsOf(text: string): string[] {
  return text.match(/\p{L}+/gu) ?? [];
}

async function readText(name: string): Promise<string> {
  if (!TEXTS.includes(name as (typeof TEXTS)[number])) throw new ValueError(`no text ${name}`);
  return readFile(assetUrl(`demo/texts/${name}`), 'utf8');
}

function countPrimes(limit: number): { limit: number; count: number; largest: number } {
  const sieve = new Uint8Array(limit + 1);
  let count = 0;
  let largest = 0;
  for (let number = 2; number <= limit; number += 1) {
    if (sieve[number] === 1) continue;
    count += 1;
    largest = number;
    for (let multiple = number * 2; multiple <= limit; multiple += number) sieve[multiple] = 1;
  }
  return { limit, count, largest };
}

/** A picture drawn from nothing but its own coordinates. */
function shade(width: number, height: number): { data: Uint8Array; average: number } {
  const data = new Uint8Array(width * height);
  let total = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = Math.round(127 + 127 * Math.sin(x / 9) * Math.cos(y / 7));
      data[y * width + x] = value;
      total += value;
    }
  }
  return { data, average: Math.round(total / data.length) };
}
