// The small tables beside the tasks: workers, queues and their samples, gaps, facts by name. JSON rows, written whole.
import type { Database, Statement } from 'better-sqlite3';
import {
  workerSummary,
  type Gap,
  type WorkerDetail,
  type WorkerSummary,
} from '../../../lib/contract/index.ts';
import type { CommitBatch, QueueRow, WorkerRow } from '../store.ts';
import { boundName, type WritableNames } from './names.ts';
import { wellFormed } from './task-id.ts';

const SUMMARY_FIELDS = Object.keys(workerSummary.shape);

type StoredWorker = { detail: string; summary: string };

/** The summary is written more often. */
export function toWorkerDetail({ detail, summary }: StoredWorker): WorkerDetail {
  return { ...(JSON.parse(detail) as WorkerDetail), ...(JSON.parse(summary) as WorkerSummary) };
}

export class Pictures {
  private readonly names: WritableNames;
  private readonly put: Record<'worker' | 'summary' | 'queue' | 'fact', Statement>;
  private readonly drop: Record<'worker' | 'summary' | 'queue', Statement>;
  private readonly all: Record<'worker' | 'queue', Statement>;
  private readonly getFact: Statement;
  private readonly putSample: Statement;
  private readonly putGap: Statement;
  private readonly openGap: Statement;

  constructor(db: Database, names: WritableNames) {
    this.names = names;
    this.put = {
      worker: db.prepare('INSERT OR REPLACE INTO worker (hostname, detail) VALUES (?, ?)'),
      summary: db.prepare(
        'INSERT OR REPLACE INTO worker_summary (hostname, summary) VALUES (?, ?)',
      ),
      queue: db.prepare('INSERT OR REPLACE INTO queue (name, detail) VALUES (?, ?)'),
      fact: db.prepare('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)'),
    };
    this.drop = {
      worker: db.prepare('DELETE FROM worker WHERE hostname = ?'),
      summary: db.prepare('DELETE FROM worker_summary WHERE hostname = ?'),
      queue: db.prepare('DELETE FROM queue WHERE name = ?'),
    };
    this.all = {
      worker: db.prepare(
        'SELECT detail, summary FROM worker JOIN worker_summary USING (hostname) ORDER BY hostname',
      ),
      queue: db.prepare('SELECT detail FROM queue ORDER BY name').pluck(),
    };
    this.getFact = db.prepare('SELECT value FROM fact WHERE name = ?').pluck();
    this.putSample = db.prepare(
      'INSERT OR REPLACE INTO queue_sample (queue_id, at, ready, in_flight, consumers) VALUES (?, ?, ?, ?, ?)',
    );
    this.putGap = db.prepare(
      'INSERT OR REPLACE INTO gap (started_at, cause, ended_at, detail, lost_count) VALUES (?, ?, ?, ?, ?)',
    );
    this.openGap = db.prepare(
      `SELECT started_at AS startedAt, ended_at AS endedAt, cause, detail, lost_count AS lostCount
       FROM gap WHERE ended_at IS NULL ORDER BY started_at`,
    );
  }

  write(batch: CommitBatch): void {
    for (const { hostname, detail, isSummary } of batch.workers ?? []) {
      const name = boundName(wellFormed(hostname));
      this.put.summary.run(name, JSON.stringify(detail, SUMMARY_FIELDS));
      if (isSummary === true) continue;
      this.put.worker.run(name, JSON.stringify(detail));
      this.names.idFor('worker', hostname);
    }
    for (const hostname of batch.forgetWorkers ?? []) {
      const name = boundName(wellFormed(hostname));
      this.drop.worker.run(name);
      this.drop.summary.run(name);
    }
    for (const queue of batch.queues ?? []) {
      this.put.queue.run(boundName(wellFormed(queue.name)), JSON.stringify(queue));
    }
    for (const name of batch.forgetQueues ?? []) this.drop.queue.run(boundName(wellFormed(name)));
    for (const { queue, at, ready, inFlight, consumers } of batch.queueSamples ?? []) {
      this.putSample.run(this.names.idFor('queue', queue), at, ready, inFlight, consumers);
    }
    for (const { startedAt, cause, endedAt, detail, lostCount } of batch.gaps ?? []) {
      this.putGap.run(startedAt, cause, endedAt, detail, lostCount);
    }
    for (const [name, value] of Object.entries(batch.facts ?? {})) {
      this.put.fact.run(name, JSON.stringify(value ?? null));
    }
  }

  workers(): WorkerRow[] {
    return (this.all.worker.all() as StoredWorker[]).map((row) => {
      const detail = toWorkerDetail(row);
      return { hostname: detail.hostname, detail };
    });
  }

  queues(): QueueRow[] {
    return (this.all.queue.all() as string[]).map((text) => JSON.parse(text) as QueueRow);
  }

  /** Oldest first. */
  openGaps(): Gap[] {
    return this.openGap.all() as Gap[];
  }

  fact(name: string): unknown {
    const text = this.getFact.get(name) as string | undefined;
    return text === undefined ? null : (JSON.parse(text) as unknown);
  }
}
