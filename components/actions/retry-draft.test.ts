import { describe, expect, it } from 'vitest';
import type { RetryForm, RetryPart } from '@/lib/contract/control.ts';
import { checkDraft, toDraft, toRequest, unknownExtras } from './retry-draft.ts';

const exact = (text: string): RetryPart => ({
  text,
  source: 'waiting message',
  condition: 'exact',
  hint: null,
});
const none: RetryPart = { text: null, source: 'waiting message', condition: 'none', hint: null };
const cut: RetryPart = { text: null, source: 'event', condition: 'cut', hint: "Known: ('a…" };
const unknown: RetryPart = { text: null, source: 'unknown', condition: 'unknown', hint: null };

const form: RetryForm = {
  id: 'a',
  type: exact('mail.send'),
  args: exact("(1, 'zwei')"),
  kwargs: exact("{'a': None}"),
  queue: exact('emails'),
  exchange: exact('mail'),
  routingKey: exact('mail.out'),
  priority: exact('3'),
  headers: none,
  links: none,
  chain: none,
  timeLimit: none,
  serializer: 'json',
  chord: { member: false, note: null },
  queues: ['emails', 'default'],
  notes: [],
};

describe('retry draft', () => {
  it('sends what is known as it was', () => {
    const draft = toDraft(form);
    expect(checkDraft(draft, form)).toEqual({});
    expect(toRequest(draft, form)).toEqual({
      type: 'mail.send',
      args: "(1, 'zwei')",
      kwargs: "{'a': None}",
      queue: 'emails',
      exchange: 'mail',
      routingKey: 'mail.out',
      priority: 3,
      headers: null,
      includeLinks: false,
      includeChain: false,
      filled: [],
    });
  });

  it('leaves what was cut empty, and refuses to send it so', () => {
    const partial = { ...form, args: cut, queue: unknown };
    const draft = toDraft(partial);
    expect(draft.args).toBe('');
    expect(Object.keys(checkDraft(draft, partial)).sort()).toEqual(['args', 'queue']);
    const filled = { ...draft, args: '[]', queue: 'default' };
    expect(checkDraft(filled, partial)).toEqual({});
    expect(toRequest(filled, partial).filled).toEqual(['args', 'queue']);
  });

  it('does not take the old exchange to another queue', () => {
    const request = toRequest({ ...toDraft(form), queue: 'default' }, form);
    expect([request.queue, request.exchange, request.routingKey]).toEqual(['default', null, null]);
  });

  it('asks to accept that callbacks are not known', () => {
    const blind = { ...form, links: unknown, chain: unknown };
    expect(unknownExtras(blind, toDraft(blind))).toEqual([
      'callbacks and errbacks',
      'the rest of its chain',
    ]);
    expect(checkDraft(toDraft(blind), blind)).toHaveProperty('withoutUnknown');
    expect(checkDraft({ ...toDraft(blind), withoutUnknown: true }, blind)).toEqual({});
  });

  it('asks to accept that a priority and headers are not known, unless they are filled in', () => {
    const blind = { ...form, priority: unknown, headers: unknown };
    const draft = toDraft(blind);
    expect(unknownExtras(blind, draft)).toEqual(['headers of its own', 'a priority of its own']);
    expect(unknownExtras(blind, { ...draft, headers: '{}', priority: '3' })).toEqual([]);
  });

  it('never adds a chain by itself', () => {
    const chained = { ...form, chain: exact('[{"task": "b"}]') };
    expect(toRequest(toDraft(chained), chained).includeChain).toBe(false);
  });

  it.each([
    ['args', '(1', /at character/],
    ['args', '{}', /tuple or a list/],
    ['kwargs', '()', /dict is needed/],
    ['kwargs', '', /write \{\}/],
    ['priority', '300', /0 to 255/],
    ['headers', '[]', /JSON object/],
    ['headers', '{', /not JSON/],
    ['type', ' ', /name of the task/],
  ] as const)('refuses %s %j', (name, text, message) => {
    expect(checkDraft({ ...toDraft(form), [name]: text }, form)[name]).toMatch(message);
  });
});
