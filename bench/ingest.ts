// Sustained ingestion and bursts: from Redis into the store, while the API is asked.
import {
  cpuSeconds,
  median,
  pause,
  percentile,
  printTable,
  progress,
  round,
  rssMegabytes,
  type Row,
} from './measure.ts';
import type { Scores } from './goals.ts';
import { getJson, publish, startSubject, until, type Status } from './subject.ts';

export type Load = { title: string; rate: number; seconds: number; args: string[] };

/** `scores`: null for loads that no goal is set for. */
export async function measureSustained(
  loads: readonly Load[],
  runs: number,
  scores: Scores | null,
): Promise<void> {
  const rows: Row[] = [];
  for (const load of loads) {
    const results: Awaited<ReturnType<typeof sustainedRun>>[] = [];
    for (let run = 1; run <= runs; run += 1) {
      progress(`${load.title}, run ${String(run)} of ${String(runs)}`);
      results.push(await sustainedRun(load));
    }
    const middle = (pick: (result: (typeof results)[number]) => number) =>
      median(results.map(pick));
    const lost = Math.max(...results.map((r) => r.lost));
    scores?.report(
      'rate',
      middle((r) => r.publishedPerSecond),
    );
    scores?.report('lost', lost);
    scores?.report(
      'catchUp',
      middle((r) => r.catchUpMs),
    );
    scores?.report(
      'cpu',
      middle((r) => r.cpuPerMillion),
    );
    scores?.report(
      'apiBusy',
      middle((r) => r.apiP95),
    );
    rows.push({
      load: load.title,
      'published/s': round(
        middle((r) => r.publishedPerSecond),
        0,
      ),
      lost,
      'CPU s per 1M': round(middle((r) => r.cpuPerMillion)),
      'lag ms median': round(
        middle((r) => r.lagMedian),
        0,
      ),
      'lag ms max': round(Math.max(...results.map((r) => r.lagMax)), 0),
      'caught up after ms': round(
        middle((r) => r.catchUpMs),
        0,
      ),
      'API p95 ms': round(
        middle((r) => r.apiP95),
        0,
      ),
      'RSS MB': round(
        middle((r) => r.rss),
        0,
      ),
      runs,
    });
  }
  printTable('Sustained ingestion, Redis to store', rows);
}

async function sustainedRun(load: Load) {
  const subject = await startSubject();
  try {
    const before = await getJson<Status>(subject.api);
    const cpuBefore = cpuSeconds(subject.umbel.pid);
    const lags: number[] = [];
    const latencies: number[] = [];
    const publishing = { isOn: true };
    const watch = (async () => {
      const pages = [
        '/tasks?limit=50',
        '/tasks?limit=50&q=state:failure',
        '/overview',
        '/workers',
        '/queues',
      ];
      for (let turn = 0; publishing.isOn; turn += 1) {
        const startedAt = performance.now();
        await (await fetch(`${subject.api}${pages[turn % pages.length] ?? ''}`)).arrayBuffer();
        latencies.push(performance.now() - startedAt);
        const status = await getJson<Status>(subject.api);
        if (status.ingest.lagMs !== null) lags.push(status.ingest.lagMs);
        await pause(200);
      }
    })();
    const sent = await publish(subject.redis.port, [
      '--rate',
      String(load.rate),
      '--seconds',
      String(load.seconds),
      ...load.args,
    ]);
    publishing.isOn = false;
    await watch;
    const endedAt = Date.now();
    const read = async () =>
      (await getJson<Status>(subject.api)).ingest.eventsTotal - before.ingest.eventsTotal;
    await until(async () => (await read()) >= sent.events, 60_000);
    const stored = await read();
    const cpu = cpuSeconds(subject.umbel.pid) - cpuBefore;
    return {
      publishedPerSecond: sent.eventsPerSecond,
      lost: sent.events - stored,
      cpuPerMillion: (cpu / sent.events) * 1e6,
      lagMedian: median(lags),
      lagMax: Math.max(...lags),
      catchUpMs: Date.now() - endedAt,
      apiP95: percentile(latencies, 0.95),
      rss: rssMegabytes(subject.umbel.pid),
    };
  } finally {
    await subject.stop();
  }
}

export async function measureBurst(events: number, runs: number, scores: Scores): Promise<void> {
  const rows: Row[] = [];
  for (let run = 1; run <= runs; run += 1) {
    progress(`burst, run ${String(run)} of ${String(runs)}`);
    const subject = await startSubject();
    try {
      const before = await getJson<Status>(subject.api);
      const sent = await publish(subject.redis.port, ['--events', String(events)]);
      const endedAt = Date.now();
      const read = async () => (await getJson<Status>(subject.api)).ingest;
      await until(
        async () => (await read()).eventsTotal - before.ingest.eventsTotal >= sent.events,
        60_000,
      );
      const ingest = await read();
      const gaps = await getJson<{ series: { gaps: unknown[] } }>(
        `${subject.api}/overview?range=15m`,
      );
      const lost = sent.events - (ingest.eventsTotal - before.ingest.eventsTotal);
      scores.report('burstLost', lost);
      rows.push({
        run,
        events: sent.events,
        'published/s': sent.eventsPerSecond,
        lost,
        'gaps shown': gaps.series.gaps.length,
        'stored after ms': Date.now() - endedAt,
        'RSS MB': round(rssMegabytes(subject.umbel.pid), 0),
      });
    } finally {
      await subject.stop();
    }
  }
  printTable('Burst, as fast as Redis takes it', rows);
}
