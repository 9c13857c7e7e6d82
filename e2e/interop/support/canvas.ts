// Descriptions of workflows that both sides build from: ["s", task, args, options?], ["si", …], ["chain" | "group" | "pipe", parts],
// ["chord", header, body], ["map" | "starmap", task, items], ["chunks", task, items, size].
import { chain, chord, group, type TaskSignature } from '../../../server/client/canvas.ts';
import { chunks, map, starmap } from '../../../server/client/canvas.ts';
import type { Celery } from '../../../server/client/celery.ts';

export type Node =
  | ['s' | 'si', string, unknown[], Record<string, unknown>?]
  | ['chain' | 'group' | 'pipe', Node[]]
  | ['chord', Node[], Node]
  | ['map', string, unknown[]]
  | ['starmap', string, unknown[][]]
  | ['chunks', string, unknown[][], number];

export const s = (task: string, ...args: unknown[]): Node => ['s', `canvas.${task}`, args];
export const si = (task: string, ...args: unknown[]): Node => ['si', `canvas.${task}`, args];
export const chained = (...parts: Node[]): Node => ['chain', parts];
export const piped = (...parts: Node[]): Node => ['pipe', parts];
export const grouped = (...parts: Node[]): Node => ['group', parts];
export const chorded = (header: Node[], body: Node): Node => ['chord', header, body];

/** Queues in turn: a canvas is executed half here and half there. */
export function createQueues(queues: readonly string[]): () => string {
  let turn = 0;
  return () => {
    turn += 1;
    return queues[turn % queues.length] ?? 'celery';
  };
}

export function build(app: Celery, node: Node, queue: () => string): TaskSignature {
  const inner = (one: Node) => build(app, one, queue);
  switch (node[0]) {
    case 'chain':
      return chain(node[1].map(inner));
    case 'group':
      return group(node[1].map(inner));
    case 'chord':
      return chord(node[1].map(inner), inner(node[2]));
    case 'pipe': {
      const [first, ...rest] = node[1].map(inner);
      if (first === undefined) throw new Error('nothing to pipe');
      return rest.reduce((whole, one) => whole.pipe(one), first);
    }
    case 'map':
      return map(app.signature(node[1]), node[2]).set({ queue: queue() });
    case 'starmap':
      return starmap(app.signature(node[1]), node[2]).set({ queue: queue() });
    case 'chunks': {
      const [, task, items, size] = node;
      return chunks(app.signature(task), items, size).set({ queue: queue() });
    }
    default: {
      const [kind, task, args] = node;
      return app.signature(task, args, { immutable: kind === 'si', queue: queue() });
    }
  }
}
