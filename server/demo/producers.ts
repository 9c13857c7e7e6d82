// The producers of the demo: each kind of work at its own pace, swelling and ebbing over a few minutes, so that every state
// of a task is seen soon. Sends only; the numbers come from a small generator, so that a demo looks the same each time.
import type { Celery } from '../client/celery.ts';
import { chain, chord, signature } from '../client/canvas.ts';
import { errorText } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { OrderLine, registerTasks } from './tasks.ts';
import { TEXTS } from './texts.ts';

type Tasks = ReturnType<typeof registerTasks>;
type Producer = {
  everyMs: number;
  firstMs: number;
  send: (turn: number) => Promise<unknown>;
};

const WAVE_MS = 180_000;
const LEGACY_MOST = 20;
const LEGACY_QUEUE = 'legacy-sync';
const NAMES = ['Ada', 'Bela', 'Chiyo', 'Dalia', 'Émile', 'Fatou', 'Grace', 'Hugo'];
const TOWNS = ['Lyon', 'Kraków', 'Porto', 'Graz', 'Malmö'];

export function startProducers({
  app,
  tasks,
  logger,
}: {
  app: Celery;
  tasks: Tasks;
  logger: Logger;
}): { stop(): Promise<void> } {
  const random = createRandom(20_240_611);
  const startedAt = Date.now();
  const timers = new Set<NodeJS.Timeout>();
  const sending = new Set<Promise<unknown>>();
  let order = 1000;
  let isStopped = false;

  const pick = <T>(items: readonly T[], fallback: T): T =>
    items[Math.floor(random() * items.length)] ?? fallback;
  const between = (low: number, high: number) => Math.floor(low + random() * (high - low + 1));
  const lines = (): OrderLine[] =>
    Array.from({ length: between(1, 3) }, () => ({
      sku: `SKU-${String(between(100, 999))}`,
      quantity: between(1, 4),
      cents: between(199, 4999),
    }));
  const nextOrder = () => (order += 1);

  const legacy = async () => {
    const [measure] = await app.transport.measureQueues([LEGACY_QUEUE]);
    if ((measure?.ready ?? 0) >= LEGACY_MOST) return;
    await app.sendTask('shop.legacy.sync', [nextOrder()], { full: false });
  };
  const revokeSoon = async () => {
    const { id } = await tasks.remind.applyAsync([nextOrder(), pick(NAMES, 'Ada')], {
      countdownMs: 4000,
    });
    await app.transport.broadcast({
      method: 'revoke',
      arguments: { task_id: id, terminate: false, signal: 'SIGTERM' },
      destination: null,
    });
  };

  const producers: Producer[] = [
    { everyMs: 1100, firstMs: 0, send: () => tasks.add.delay(between(1, 99), between(1, 99)) },
    {
      everyMs: 1700,
      firstMs: 100,
      send: () =>
        app.apply(signature('math.multiply', [], { kwargs: { x: between(2, 30), y: 7 } })),
    },
    {
      everyMs: 700,
      firstMs: 200,
      send: () => tasks.charge.applyAsync([nextOrder(), lines()], { queue: 'high_priority' }),
    },
    {
      everyMs: 1900,
      firstMs: 400,
      send: () =>
        tasks.ship.applyAsync(
          [nextOrder(), { name: pick(NAMES, 'Ada'), town: pick(TOWNS, 'Graz') }],
          {
            priority: pick([0, 3, 6, 9], 0),
            headers: { 'x-tenant': pick(['north', 'south'], 'north') },
          },
        ),
    },
    {
      everyMs: 5000,
      firstMs: 600,
      send: () =>
        app.apply(chain(tasks.charge.s(nextOrder(), lines()), signature('shop.orders.confirm'))),
    },
    { everyMs: 4000, firstMs: 300, send: () => tasks.wordCount.delay(TEXTS[0]) },
    {
      everyMs: 12_000,
      firstMs: 800,
      send: () =>
        app.apply(
          chord(
            [0, 1, 2, 3, 4].map((section) => tasks.countSection.s(TEXTS[0], section)),
            signature('reports.summarise'),
          ),
        ),
    },
    {
      everyMs: 2500,
      firstMs: 500,
      send: () => tasks.thumbnail.delay(`photo-${String(between(1, 400))}.png`, 320, 200),
    },
    { everyMs: 7000, firstMs: 700, send: () => tasks.primes.delay(between(4, 9) * 500_000) },
    {
      everyMs: 9000,
      firstMs: 900,
      send: () => tasks.nightly.delay(new Date().toISOString().slice(0, 10), between(4, 8)),
    },
    {
      everyMs: 6000,
      firstMs: 1000,
      send: (turn) => tasks.syncStock.delay('warehouse-south', turn),
    },
    {
      everyMs: 11_000,
      firstMs: 1500,
      send: () => tasks.charge.delay(nextOrder(), [{ sku: 'SKU-000', quantity: 0, cents: 100 }]),
    },
    {
      everyMs: 17_000,
      firstMs: 2500,
      send: () => tasks.charge.delay(nextOrder(), [{ sku: 'SKU-777', quantity: 9, cents: 19_900 }]),
    },
    { everyMs: 19_000, firstMs: 3500, send: () => tasks.charge.delay(nextOrder(), []) },
    {
      everyMs: 23_000,
      firstMs: 2000,
      send: (turn) => tasks.export.delay(turn % 2 === 0 ? 100_000 : 1200),
    },
    {
      everyMs: 8000,
      firstMs: 1200,
      send: () =>
        tasks.remind.applyAsync([nextOrder(), pick(NAMES, 'Ada')], {
          countdownMs: between(20, 60) * 1000,
        }),
    },
    {
      everyMs: 20_000,
      firstMs: 3000,
      send: () =>
        app.apply(
          tasks.remind.s(nextOrder(), pick(NAMES, 'Ada')).set({
            countdownMs: 3000,
            expiresAt: Date.now() + 2000,
          }),
        ),
    },
    { everyMs: 30_000, firstMs: 3500, send: revokeSoon },
    { everyMs: 15_000, firstMs: 1000, send: legacy },
    {
      everyMs: 45_000,
      firstMs: 5000,
      send: () => app.sendTask('shop.orders.refund', [nextOrder()]),
    },
  ];

  const later = (producer: Producer, turn: number, delayMs: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const sent = producer.send(turn).catch((error: unknown) => {
        if (!isStopped) logger.warn({ error: errorText(error) }, 'a demo task could not be sent');
      });
      sending.add(sent);
      void sent.finally(() => sending.delete(sent));
      later(producer, turn + 1, paceMs(producer.everyMs));
    }, delayMs);
    timers.add(timer);
  };
  /** Up to a third faster or slower, in a slow wave, and never quite even. */
  const paceMs = (everyMs: number) => {
    const wave = Math.sin(((Date.now() - startedAt) / WAVE_MS) * 2 * Math.PI);
    return everyMs * (1 - 0.33 * wave) * (0.75 + random() / 2);
  };
  for (const producer of producers) later(producer, 1, producer.firstMs);

  return {
    stop: async () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await Promise.allSettled([...sending]);
    },
  };
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
