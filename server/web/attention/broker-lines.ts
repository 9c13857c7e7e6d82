// What is wrong with the store, with the way to the broker and the result backend, and with what came through it.
import type { Attention } from '../../../lib/contract/index.ts';
import type { AttentionFacts } from './facts.ts';
import { plural, sentence } from './words.ts';

/** What could not be read is worth a line for as long as the gaps beside it. */
const MALFORMED_SHOWN_MS = 15 * 60_000;

export function brokerLines({ status, gaps, now }: AttentionFacts): Attention[] {
  const lines: Attention[] = [];
  const { broker, backend, ingest, storeProblem } = status;
  if (storeProblem !== null) {
    lines.push({
      key: 'store',
      severity: 'critical',
      title: 'Nothing can be stored',
      detail: `${sentence(storeProblem.reason)} What arrives waits in memory until the data directory can be written again.`,
      since: storeProblem.since,
      link: { label: 'Overview', path: '' },
      action: null,
    });
  }
  if (broker.state !== 'connected') {
    lines.push({
      key: 'broker',
      severity: 'critical',
      title:
        broker.state === 'connecting' ? 'Connecting to the broker' : 'The broker is not reachable',
      detail: `${sentence(broker.reason ?? 'No connection yet')} What is shown is what was known before.`,
      since: broker.since,
      link: { label: 'Overview', path: '' },
      action: null,
    });
  }
  if (backend !== null && backend.state !== 'connected' && backend.state !== 'connecting') {
    lines.push({
      key: 'backend',
      severity: 'warning',
      title: 'The result backend is not reachable',
      detail: `${sentence(backend.reason ?? 'No connection')} Results and extended arguments cannot be read.`,
      since: backend.since,
      link: { label: 'Overview', path: '' },
      action: null,
    });
  }
  const open = gaps.filter((gap) => gap.endedAt === null && gap.cause !== 'disconnected');
  for (const gap of open.slice(0, 3)) {
    lines.push({
      key: `gap:${gap.cause}:${gap.startedAt}`,
      severity: 'warning',
      title: 'Events may be missing right now',
      detail: sentence(gap.detail),
      since: gap.startedAt,
      link: { label: 'Overview', path: '' },
      action: null,
    });
  }
  const dropped = gaps.find((gap) => gap.cause === 'dropped' || gap.cause === 'buffer-overrun');
  if (dropped !== undefined) {
    lines.push({
      key: 'dropped',
      severity: 'warning',
      title:
        dropped.lostCount === null
          ? 'Events could not be kept'
          : `${plural(dropped.lostCount, 'event')} could not be kept`,
      detail:
        'They came faster than they could be stored, or the broker cut the stream. Counts may be too low.',
      since: dropped.startedAt,
      link: { label: 'Overview', path: '' },
      action: null,
    });
  }
  const { lastMalformedAt } = ingest;
  if (lastMalformedAt !== null && now - lastMalformedAt < MALFORMED_SHOWN_MS) {
    lines.push({
      key: 'malformed',
      severity: 'unknown',
      title: `${plural(ingest.malformedCount, 'message')} could not be read`,
      detail: sentence(ingest.lastMalformed ?? 'They are counted and left out'),
      since: lastMalformedAt,
      link: { label: 'Overview', path: '' },
      action: null,
    });
  }
  return lines;
}
