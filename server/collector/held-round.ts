// The answers of one inspection round, put together by worker: only one who answered all three lists, once each, has said
// what it holds.
import type { HeldIn } from './held-book.ts';
import type { InspectMethod } from '../store/collecting.ts';
import type { NamedTasks } from './inspect-sections.ts';

type Answers = { methods: InspectMethod[]; named: Map<string, HeldIn> };

const LISTS: readonly InspectMethod[] = ['active', 'reserved', 'scheduled'];
const MAX_NAMED = 50_000;

export class HeldRound {
  readonly #answers = new Map<string, Answers>();

  add(method: InspectMethod, hostname: string, tasks: NamedTasks): void {
    if (!LISTS.includes(method)) return;
    let answers = this.#answers.get(hostname);
    if (answers === undefined) {
      answers = { methods: [], named: new Map() };
      this.#answers.set(hostname, answers);
    }
    answers.methods.push(method);
    for (const { id } of tasks.running) answers.named.set(id, 'running');
    for (const { id } of tasks.reserved) note(answers, id, 'reserved');
    for (const { request } of tasks.scheduled) note(answers, request.id, 'scheduled');
  }

  *complete(): Generator<[string, ReadonlyMap<string, HeldIn>]> {
    for (const [hostname, { methods, named }] of this.#answers) {
      const once = methods.length === LISTS.length && new Set(methods).size === LISTS.length;
      if (once && named.size <= MAX_NAMED) yield [hostname, named];
    }
  }
}

function note({ named }: Answers, id: string, where: HeldIn): void {
  if (!named.has(id)) named.set(id, where);
}
