// Workflows, and what each comes to, whoever builds them and whoever executes them.
import { expect } from 'vitest';
import { chained, chorded, grouped, piped, s, si, type Node } from './canvas.ts';

export const range = (count: number) => Array.from({ length: count }, (_, index) => index);
export const value = (result: unknown) => ({ value: result });
const error = (name: string) => ({ error: name });

export const CASES: Record<string, { node: Node; outcome: unknown }> = {
  'a task': { node: s('add', 1, 2), outcome: value(3) },
  'a chain': { node: chained(s('add', 1, 2), s('add', 3), s('add', 4)), outcome: value(10) },
  'a chain of one': { node: chained(s('add', 1, 2)), outcome: value(3) },
  'a chain in a chain': {
    node: chained(s('add', 1, 1), chained(s('add', 2), chained(s('add', 3))), s('add', 4)),
    outcome: value(11),
  },
  'an immutable step': {
    node: chained(s('add', 1, 1), si('add', 10, 10), s('add', 1)),
    outcome: value(21),
  },
  pipes: { node: piped(s('add', 1, 1), s('add', 2), s('add', 3)), outcome: value(7) },
  'a group': { node: grouped(s('add', 1, 1), s('add', 2, 2)), outcome: value([2, 4]) },
  'a group of one': { node: grouped(s('add', 1, 1)), outcome: value([2]) },
  'an empty group': { node: grouped(), outcome: value([]) },
  'a group in a group': {
    node: grouped(s('add', 1, 1), grouped(s('add', 2, 2), s('add', 3, 3))),
    outcome: value([2, 4, 6]),
  },
  'chains in a group': {
    node: grouped(chained(s('add', 1, 1), s('add', 1)), chained(s('add', 2, 2), s('add', 2))),
    outcome: value([3, 6]),
  },
  'a chord': {
    node: chorded(
      range(4).map((n) => s('add', n, n)),
      s('total'),
    ),
    outcome: value(12),
  },
  'a chord of one': { node: chorded([s('add', 1, 1)], s('total')), outcome: value(2) },
  'an empty chord': { node: chorded([], s('total')), outcome: value(0) },
  'a group piped into a task': {
    node: piped(grouped(s('add', 1, 1), s('add', 2, 2)), s('total')),
    outcome: value(6),
  },
  'a group in the middle of a chain': {
    node: chained(s('identity', 5), grouped(s('add', 1), s('add', 2)), s('total'), s('add', 100)),
    outcome: value(113),
  },
  'a group at the end of a chain': {
    node: chained(s('identity', 5), grouped(s('add', 1), s('add', 2))),
    outcome: value([6, 7]),
  },
  'two groups in a row': {
    node: chained(
      s('identity', 1),
      grouped(s('add', 1), s('add', 2)),
      grouped(s('total'), s('double_all')),
      s('identity'),
    ),
    outcome: value([5, [4, 6]]),
  },
  'a group of one in a chain': {
    node: chained(s('identity', 5), grouped(s('add', 1)), s('add', 2)),
    outcome: value(8),
  },
  'an empty group in a chain': {
    node: chained(s('identity', 5), grouped(), s('add', 2)),
    outcome: value(7),
  },
  'chains in a header': {
    node: chorded(
      [chained(s('add', 1, 1), s('add', 1)), chained(s('add', 2, 2), s('add', 2)), s('add', 3, 3)],
      s('total'),
    ),
    outcome: value(15),
  },
  'a chord in a header': {
    node: chorded(
      [chorded([s('add', 1, 1), s('add', 2, 2)], s('total')), s('add', 5, 5)],
      s('total'),
    ),
    outcome: value(16),
  },
  'a chord in a chord in a header': {
    node: chorded(
      [
        chorded(
          [chorded([s('add', 1, 1), s('add', 1, 2)], s('total')), s('add', 1, 3)],
          s('total'),
        ),
      ],
      s('total'),
    ),
    outcome: value(9),
  },
  'a group in a header': {
    node: chorded([grouped(s('add', 1, 1), s('add', 2, 2)), s('add', 3, 3)], s('total')),
    outcome: value(12),
  },
  'a chain that ends in a group, in a header': {
    node: chorded(
      [chained(s('identity', 1), grouped(s('add', 1), s('add', 2))), s('add', 3, 3)],
      s('total'),
    ),
    outcome: value(11),
  },
  'a chain as body': {
    node: chorded(
      [s('add', 1, 1), s('add', 2, 2)],
      chained(s('total'), s('add', 10), s('add', 100)),
    ),
    outcome: value(116),
  },
  'a group as body': {
    node: chorded([s('add', 1, 1), s('add', 2, 2)], grouped(s('total'), s('double_all'))),
    outcome: value([6, [4, 8]]),
  },
  'a chord as body': {
    node: chorded(
      [s('identity', 1), s('identity', 2)],
      chorded([s('total'), s('total')], s('total')),
    ),
    outcome: value(6),
  },
  'a chord in the middle of a chain': {
    node: chained(s('identity', 1), chorded([s('add', 1), s('add', 2)], s('total')), s('add', 10)),
    outcome: value(15),
  },
  'two chords in a chain': {
    node: chained(
      chorded([s('add', 1, 1), s('add', 2, 2)], s('total')),
      chorded([s('add', 1), s('add', 2)], s('total')),
      s('add', 1),
    ),
    outcome: value(16),
  },
  'a map': { node: ['map', 'canvas.identity', [1, 2, 3]], outcome: value([1, 2, 3]) },
  'a starmap': {
    node: [
      'starmap',
      'canvas.add',
      [
        [1, 1],
        [2, 2],
      ],
    ],
    outcome: value([2, 4]),
  },
  chunks: {
    node: [
      'chunks',
      'canvas.add',
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      2,
    ],
    outcome: value([[2, 4], [6]]),
  },
  'chunks in a chord': {
    node: piped(
      [
        'chunks',
        'canvas.add',
        [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
        2,
      ],
      s('total'),
    ),
    outcome: value(12),
  },
  'a failure': { node: s('fail'), outcome: error('ValueError') },
  'a failure in a chain': {
    node: chained(s('add', 1, 1), s('fail'), s('add', 1), s('add', 1)),
    outcome: error('ValueError'),
  },
  'a failure in a group': {
    node: grouped(s('add', 1, 1), s('fail')),
    outcome: error('ValueError'),
  },
  'a failure in a header': {
    node: chorded([s('add', 1, 1), s('fail')], s('total')),
    outcome: error('ChordError'),
  },
  'a failure in a chain in a header': {
    node: chorded([s('add', 1, 1), chained(s('fail'), s('add', 1), s('add', 2))], s('total')),
    outcome: error('ChordError'),
  },
  'a failure in a chord in a header': {
    node: chorded([chorded([s('fail'), s('add', 1, 1)], s('total')), s('add', 1, 1)], s('total')),
    outcome: error('ChordError'),
  },
  'a failure in a body': {
    node: chorded([s('add', 1, 1), s('add', 2, 2)], s('fail')),
    outcome: error('ValueError'),
  },
  'a failure before a chord': {
    node: chained(s('fail'), grouped(s('add', 1), s('add', 2)), s('total')),
    outcome: error('ValueError'),
  },
  'a task replaced by a task': { node: s('replace_by_add', 1, 2), outcome: value(3) },
  'a task replaced by a chain': { node: s('replace_by_chain', 1), outcome: value(3) },
  'a task replaced by a group': { node: s('replace_by_group', 1), outcome: value([1, 2, 3]) },
  'a replaced step of a chain': {
    node: chained(s('add', 1, 1), s('replace_by_chain'), s('add', 10)),
    outcome: value(14),
  },
  'a step replaced by a group': {
    node: chained(s('add', 1, 1), s('replace_by_group'), s('total')),
    outcome: value(9),
  },
  'a replaced member of a chord': {
    node: chorded(
      [s('replace_by_add', 1, 2), s('replace_by_chain', 1), s('add', 1, 1)],
      s('total'),
    ),
    outcome: value(8),
  },
  'a task replaced by a chord': { node: s('replace_by_chord', 1), outcome: value(3) },
  'a task replaced by a chain that ends in a group': {
    node: s('replace_by_chain_of_group', 1),
    outcome: value([2, 3]),
  },
  'a step replaced by a chord': {
    node: chained(s('add', 1, 1), s('replace_by_chord'), s('add', 10)),
    outcome: value(15),
  },
  'a replaced step of a chain in a header': {
    node: chorded(
      [chained(s('add', 1, 1), s('replace_by_chain'), s('add', 10)), s('add', 5, 5)],
      s('total'),
    ),
    outcome: value(24),
  },
  'a replaced last step of a chain in a header': {
    node: chorded([chained(s('add', 1, 1), s('replace_by_group')), s('add', 1, 1)], s('total')),
    outcome: value(11),
  },
  'a member replaced by a group, and one by a chord': {
    node: chorded([s('replace_by_group', 1), s('replace_by_chord', 1)], s('total')),
    outcome: value(9),
  },
  'a chord that several members grow': {
    node: chorded(
      [
        s('add_many_to_chord', 1),
        s('add_many_to_chord', 10),
        chained(s('add', 1, 1), s('add_to_chord')),
      ],
      s('total'),
    ),
    outcome: value(31),
  },
  'a chord that grows': {
    node: chorded([s('add_to_chord', 1), s('add', 1, 1)], s('total')),
    outcome: value(5),
  },
  'a signature as an argument and as a result': {
    node: s('make_signature', 1),
    outcome: value(
      expect.objectContaining({ task: 'canvas.add', args: [1, 10], subtask_type: null }),
    ),
  },
};
