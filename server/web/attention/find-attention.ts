// What is wrong right now, from facts already read: pure, so that every line can be tested. Each line says what, how bad, since when,
// and links to the rows that it counts. Nothing is said when nothing is wrong.
import type { Attention } from '../../../lib/contract/index.ts';
import { brokerLines } from './broker-lines.ts';
import type { AttentionFacts } from './facts.ts';
import { failureLines, lossLines } from './failure-lines.ts';
import { gapLines } from './gap-lines.ts';
import { queueLines } from './queue-lines.ts';
import { workerLines } from './worker-lines.ts';

const MAX_LINES = 200;
const ORDER = { critical: 0, warning: 1, unknown: 2 } as const;

export function findAttention(facts: AttentionFacts): Attention[] {
  const lines = [
    ...brokerLines(facts),
    ...gapLines(facts),
    ...queueLines(facts),
    ...workerLines(facts),
    ...failureLines(facts),
    ...lossLines(facts),
  ];
  return lines.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]).slice(0, MAX_LINES);
}
