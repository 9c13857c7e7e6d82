// What is measured: the built Umbel on a private Redis, and its API as a client sees it.
import { execFile, type ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startRedis, type RedisServer } from '../e2e/fixtures/servers/redis.ts';
import { startUmbel, type Umbel } from '../e2e/fixtures/umbel.ts';
import { pause } from './measure.ts';

export type Ingest = {
  eventsTotal: number;
  droppedCount: number;
  malformedCount: number;
  lagMs: number | null;
  bufferedBytes: number;
};
export type Status = { ingest: Ingest; tasksStored: number; storeBytes: number };

export type Subject = {
  redis: RedisServer;
  umbel: Umbel;
  api: string;
  /** A fresh process on the same history. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export async function startSubject(): Promise<Subject> {
  const redis = await startRedis();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'umbel-bench-'));
  const start = (port?: number) =>
    startUmbel({
      args: ['--broker', redis.url, '--log-level', 'warn'],
      dataDir,
      ...(port !== undefined && { port }),
    });
  const umbel = await start();
  const subject: Subject = {
    redis,
    umbel,
    api: `${umbel.url}/api/v1/clusters/default`,
    restart: async () => {
      await subject.umbel.stop();
      subject.umbel = await start(umbel.port);
      await untilConnected(subject.api);
    },
    stop: async () => {
      await subject.umbel.stop();
      await redis.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  await untilConnected(subject.api);
  return subject;
}

async function untilConnected(api: string): Promise<void> {
  const state = async () => (await getJson<{ broker: { state: string } }>(api)).broker.state;
  if (!(await until(async () => (await state()) === 'connected', 20_000)))
    throw new Error('no connection to Redis');
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function until(check: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await check().catch(() => false)) return true;
    await pause(50);
  }
  return false;
}

export type Published = {
  events: number;
  tasks: number;
  outcomes: { success: number; failure: number };
  idPrefix: string;
  steadyMs: number;
  eventsPerSecond: number;
  cpuSeconds: number;
};

const runFile = promisify(execFile);

export async function publish(port: number, args: string[]): Promise<Published> {
  const options: ExecFileOptions = { maxBuffer: 1e7 };
  const command = [
    '--import',
    'tsx',
    new URL('publisher.ts', import.meta.url).pathname,
    '--port',
    String(port),
    ...args,
  ];
  const { stdout } = await runFile(process.execPath, command, options);
  return JSON.parse(String(stdout)) as Published;
}
