// Celery's task states, and their order of strength when events arrive out of order (celery.states).

export const STATES = [
  'PENDING',
  'RECEIVED',
  'STARTED',
  'SUCCESS',
  'FAILURE',
  'REVOKED',
  'REJECTED',
  'RETRY',
  'IGNORED',
] as const;

export type KnownState = (typeof STATES)[number];

/** From strongest to weakest; `null` is where every state that Celery does not know stands. */
export const PRECEDENCE = [
  'SUCCESS',
  'FAILURE',
  null,
  'REVOKED',
  'STARTED',
  'RECEIVED',
  'REJECTED',
  'RETRY',
  'PENDING',
] as const;

const RANK: ReadonlyMap<string | null, number> = new Map(
  PRECEDENCE.map((state, index) => [state, index]),
);
const UNKNOWN_RANK = PRECEDENCE.indexOf(null);

/** 0 is the strongest. */
export function precedenceOf(state: string): number {
  return RANK.get(state) ?? UNKNOWN_RANK;
}

/** Whether `candidate` is strictly weaker than `current`. */
export function isWeaker(candidate: string, current: string): boolean {
  return precedenceOf(candidate) > precedenceOf(current);
}

export const READY_STATES: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);
export const EXCEPTION_STATES: ReadonlySet<string> = new Set(['RETRY', 'FAILURE', 'REVOKED']);

const STATE_OF_SUBJECT: ReadonlyMap<string, string> = new Map([
  ['sent', 'PENDING'],
  ['received', 'RECEIVED'],
  ['started', 'STARTED'],
  ['failed', 'FAILURE'],
  ['retried', 'RETRY'],
  ['succeeded', 'SUCCESS'],
  ['revoked', 'REVOKED'],
  ['rejected', 'REJECTED'],
]);

/** The state that `task-<subject>` brings; unknown subjects upper-cased, as Celery does. */
export function stateOfSubject(subject: string): string {
  return STATE_OF_SUBJECT.get(subject) ?? subject.toUpperCase();
}
