// What is wrong with the store, with the way to the broker and the result backend, and with what came through it.
import type { Attention } from '../../../lib/contract/index.ts';
import type { AttentionFacts } from './facts.ts';
import { plural, sentence } from './words.ts';

/** What could not be read is worth a line for as long as gaps are. */
const MALFORMED_SHOWN_MS = 15 * 60_000;

export function brokerLines({ status, now }: AttentionFacts): Attention[] {
  const lines: Attention[] = [];
  const { broker, backend, ingest, storeProblem } = status;
  if (storeProblem !== null) {
    lines.push({
      key: 'store',
      severity: 'critical',
      title: 'Nothing can be stored',
      detail: `${sentence(storeProblem.reason)} ${whatWaits(storeProblem.lostCount)}`,
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
  if (status.brokerNotice !== null) {
    lines.push({
      key: 'unread-priorities',
      severity: 'warning',
      title: 'Messages of some priorities are not counted',
      detail: sentence(status.brokerNotice),
      since: null,
      link: { label: 'Queues', path: 'queues' },
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

function whatWaits(lostCount: number): string {
  if (lostCount === 0) {
    return 'What arrives waits in memory until the data directory can be written again.';
  }
  return `Memory for what waits is full: ${plural(lostCount, 'event')} had to be given up so far.`;
}
