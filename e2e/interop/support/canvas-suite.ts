// The workflows of canvas-cases.ts in every direction that a broker allows: built here or in Python, executed here, there, or half here
// and half there.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { isOldCelery } from '../../fixtures/celery/version.ts';
import { runPython } from '../../fixtures/celery/python.ts';
import { build, chorded, createQueues, s, type Node } from './canvas.ts';
import { CASES, range, value } from './canvas-cases.ts';
import type { RuntimePlace } from './runtime-place.ts';

export type Direction = {
  /** The queues that the tasks of a workflow go to in turn: `ours`, `celery`. */
  queues: readonly string[];
  builtBy: readonly ('us' | 'Python')[];
  /** A chord of 500 too. */
  large?: boolean;
};

type Outcomes = Record<string, Record<string, unknown>>;

/** What Celery before 5.3 does in another way. */
const CHANGED = isOldCelery ? ['an empty group in a chain', 'a failure before a chord'] : [];
/** What its worker does in another way: a replacement that ends in a group gets no task that gathers its results. */
const CHANGED_THERE = isOldCelery ? ['a task replaced by a chain that ends in a group'] : [];

const changedOn = (queues: readonly string[]) =>
  queues.includes('celery') ? [...CHANGED, ...CHANGED_THERE] : CHANGED;
const casesOn = (queues: readonly string[]) =>
  Object.entries(CASES).filter(([name]) => !changedOn(queues).includes(name));

const patience = { timeout: 15_000, interval: 50 };

const BUILD = `
import json, sys
from canvas_tasks import Queues, build, outcome
nodes, places = json.loads(sys.argv[1]), json.loads(sys.argv[2])
sent = {place: {name: build(nodes[name], Queues(queues)).apply_async() for name in names}
        for place, (queues, names) in places.items()}
print(json.dumps({place: {name: outcome(result, 20) for name, result in results.items()}
                  for place, results in sent.items()}, default=str))
`;

export function canvasSuite(place: () => RuntimePlace, directions: Record<string, Direction>) {
  const outcomeOf = async (node: Node, queues: readonly string[]): Promise<unknown> => {
    const sent = await build(place().app, node, createQueues(queues)).delay();
    try {
      return { value: await sent.get({ timeoutMs: 40_000 }) };
    } catch (thrown) {
      // `get` may tell of what failed before it; its own error is the outcome, where it comes to have one: Celery never ends a
      // chord around one that failed.
      await vi.waitUntil(() => sent.ready().catch(() => false), patience).catch(() => false);
      const own = await sent.info();
      return { error: (own instanceof Error ? own : (thrown as Error)).name };
    }
  };

  const buildInPython = async (
    places: Record<string, readonly string[]>,
    only?: string,
  ): Promise<Outcomes> => {
    const { python } = place();
    const nodes = Object.fromEntries(Object.entries(CASES).map(([name, { node }]) => [name, node]));
    const wanted = Object.entries(places).map(([name, queues]) => {
      const names = casesOn(queues).map(([title]) => title);
      return [name, [queues, only === undefined ? names : [only]]] as const;
    });
    const args = [JSON.stringify(nodes), JSON.stringify(Object.fromEntries(wanted))];
    const app = python === null ? {} : { app: python };
    return JSON.parse(await runPython(BUILD, { ...app, args, timeoutMs: 110_000 })) as Outcomes;
  };

  const fromPython = Object.entries(directions).filter(([, { builtBy }]) =>
    builtBy.includes('Python'),
  );
  let built: Promise<Outcomes>;

  beforeAll(() => {
    if (fromPython.length === 0) return;
    const places = fromPython.map(([name, { queues }]) => [name, queues] as const);
    built = buildInPython(Object.fromEntries(places));
    built.catch(() => undefined);
  });

  describe.each(Object.entries(directions))('executed %s', (_name, { queues, large = false }) => {
    test.skip.each(changedOn(queues))('%s', () => undefined);

    test.concurrent.each(casesOn(queues))('%s, built here', async (_title, { node, outcome }) => {
      expect(await outcomeOf(node, queues)).toEqual(outcome);
    });

    if (large) {
      test('a chord of 500', async () => {
        const members = range(500).map((n) => s('identity', n));
        const node = chorded(members, s('total'));
        expect(await outcomeOf(node, queues)).toEqual(value((499 * 500) / 2));
      });
    }
  });

  describe.each(fromPython)('executed %s', (name, { queues }) => {
    test.each(casesOn(queues))('%s, built in Python', async (title, { outcome }) => {
      const ended = (await built)[name]?.[title];
      // Between Python alone, members that change a header race now and then with those that end: such a case runs twice.
      const broke = (how: unknown) => JSON.stringify(how).includes('ChordError');
      const isTheirs = !queues.includes('ours') && broke(ended) && !broke(outcome);
      const again = isTheirs ? await buildInPython({ [name]: queues }, title) : null;
      expect(again === null ? ended : again[name]?.[title]).toEqual(outcome);
    });
  });
}
