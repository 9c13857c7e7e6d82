// Results in Celery's own tables (SQLAlchemy): SQLite by better-sqlite3, PostgreSQL by pg. A pickle in the result column is
// looked at and never executed. Who only watches cannot write.
import { sql, type Kysely } from 'kysely';
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import { AppError, isAppError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { createResultCodec, type ResultCodec } from '../celery/codec/result-codec.ts';
import type { ResultMeta, ResultTuple } from '../celery/result-meta.ts';
import { decodeResultTuple, encodeResultTuple } from '../celery/result-tuple.ts';
import { READY_STATES } from '../celery/states.ts';
import { ConnectionState } from '../broker/connection-state.ts';
import { toBackendError } from './backend-errors.ts';
import { DEFAULT_RESULT_EXPIRES_MS, type BackendOptions } from './backend-options.ts';
import { createInsistence, type Insist } from './insist.ts';
import { createPauses } from './pauses.ts';
import type { OpenDatabase, Tables } from './database-connection.ts';
import { isConnectionTrouble } from './database-trouble.ts';
import { fromStored, metaToRow, rowToMeta, toDatabaseTime, toBytes } from './database-row.ts';
import type { TableNames } from './database-schema.ts';
import type { ResultBackend, StoreRequest } from './result-backend.ts';

const POLL_MS = 250;
/** SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535. */
const MAX_IDS = 1000;

export class DatabaseBackend implements ResultBackend {
  readonly kind = 'database';
  readonly displayUrl: string;
  readonly #state = new ConnectionState();
  readonly #url: string;
  readonly #tables: TableNames;
  readonly #timeoutMs: number;
  readonly #expiresMs: number | null;
  readonly #isWritable: boolean;
  readonly #codec: ResultCodec;
  readonly #patienceMs: number;
  readonly #insist: Insist;
  readonly #pauses = createPauses();
  #opened: Promise<OpenDatabase> | null = null;
  #isPickled: Promise<boolean> | null = null;

  constructor(url: string, options: BackendOptions) {
    const { resultExpiresMs = DEFAULT_RESULT_EXPIRES_MS, tables = {} } = options;
    this.#url = url;
    this.#tables = {
      task: tables.task ?? 'celery_taskmeta',
      group: tables.group ?? 'celery_tasksetmeta',
    };
    this.#timeoutMs = options.connectTimeoutMs ?? 5000;
    this.#expiresMs = resultExpiresMs;
    this.#isWritable = options.isWritable ?? false;
    this.#codec = createResultCodec(options.serializer ?? 'json');
    this.displayUrl = redactUrl(url);
    this.#patienceMs = options.patienceMs ?? 0;
    this.#insist = this.#insistence(this.#patienceMs);
  }

  async connect(): Promise<void> {
    if (this.#isWritable) await this.#writable();
    else {
      await this.#run((db) =>
        db.selectFrom(this.#tables.task).select('task_id').limit(1).execute(),
      );
    }
    this.#state.connected();
  }

  status(): ConnectionStatus {
    return this.#state.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#state.listen(listener);
  }

  async get(id: string): Promise<ResultMeta | null> {
    const [meta] = await this.getMany([id]);
    return meta ?? null;
  }

  async getMany(ids: readonly string[]): Promise<(ResultMeta | null)[]> {
    const byId = new Map<string, ResultMeta>();
    for (let at = 0; at < ids.length; at += MAX_IDS) {
      const some = ids.slice(at, at + MAX_IDS);
      const rows = await this.#run((db) =>
        db.selectFrom(this.#tables.task).selectAll().where('task_id', 'in', some).execute(),
      );
      for (const row of rows) byId.set(row.task_id, rowToMeta(row, this.#codec));
    }
    return ids.map((id) => byId.get(id) ?? null);
  }

  store(meta: ResultMeta, { hurry }: StoreRequest = {}): Promise<void> {
    return this.#insist(() => this.#store(meta), hurry);
  }

  async #store(meta: ResultMeta): Promise<void> {
    const isPickled = await this.#writable();
    const { task_id: id, ...row } = metaToRow(meta, isPickled, this.#codec);
    await this.#run((db) =>
      db
        .insertInto(this.#tables.task)
        .values({ ...this.#nextId('task_id_sequence'), task_id: id, ...row } as never)
        .onConflict((conflict) =>
          conflict
            .column('task_id')
            .doUpdateSet(row)
            .where(`${this.#tables.task}.status` as never, '<>', 'SUCCESS' as never),
        )
        .execute(),
    );
  }

  /** A database announces nothing: it is asked four times a second. */
  async wait(id: string, timeoutMs: number): Promise<ResultMeta | null> {
    const until = Date.now() + timeoutMs;
    while (!this.#pauses.isClosed) {
      const insist = this.#insistence(Math.min(this.#patienceMs, until - Date.now()));
      const meta = await insist(() => this.get(id));
      if (meta !== null && READY_STATES.has(meta.status)) return meta;
      const left = until - Date.now();
      if (left <= 0) break;
      await this.#pauses.pause(Math.min(POLL_MS, left));
    }
    return null;
  }

  async forget(id: string): Promise<void> {
    await this.#writable();
    await this.#run((db) => db.deleteFrom(this.#tables.task).where('task_id', '=', id).execute());
  }

  async saveGroup(group: ResultTuple): Promise<void> {
    if (await this.#writable()) {
      throw new AppError(
        'unsupported',
        'Groups cannot be saved in the tables of a Celery before 5.7: it pickles objects.',
      );
    }
    const result = toBytes(encodeResultTuple(group), this.#codec);
    const row = { taskset_id: group.id, result, date_done: toDatabaseTime(Date.now()) };
    await this.#run((db) =>
      db
        .insertInto(this.#tables.group)
        .values({ ...this.#nextId('taskset_id_sequence'), ...row } as never)
        .onConflict((conflict) => conflict.column('taskset_id').doUpdateSet({ result }))
        .execute(),
    );
  }

  /** Null as well for a group that an older Celery pickled. */
  async restoreGroup(id: string): Promise<ResultTuple | null> {
    const row = await this.#run((db) =>
      db
        .selectFrom(this.#tables.group)
        .select('result')
        .where('taskset_id', '=', id)
        .executeTakeFirst(),
    );
    return decodeResultTuple(fromStored(row?.result ?? null, this.#codec));
  }

  async forgetGroup(id: string): Promise<void> {
    await this.#writable();
    await this.#run((db) =>
      db.deleteFrom(this.#tables.group).where('taskset_id', '=', id).execute(),
    );
  }

  async cleanup(): Promise<void> {
    if (this.#expiresMs === null) return;
    await this.#writable();
    const before = toDatabaseTime(Date.now() - this.#expiresMs);
    for (const table of [this.#tables.task, this.#tables.group]) {
      await this.#run((db) => db.deleteFrom(table).where('date_done', '<', before).execute());
    }
  }

  async close(): Promise<void> {
    this.#pauses.close();
    const opened = await this.#opened?.catch(() => null);
    await opened?.db.destroy();
    this.#opened = null;
    this.#state.close({ code: 'closed', detail: 'Closed' });
  }

  /** The tables are there; whether they hold pickles. */
  #writable(): Promise<boolean> {
    if (!this.#isWritable) {
      return Promise.reject(
        new AppError('unsupported', 'This connection to the database only reads.'),
      );
    }
    this.#isPickled ??= this.#run(async () => {
      const { ensureTables } = await import('./database-schema.ts');
      return ensureTables(await this.#open(), this.#tables);
    }).then(({ isPickled }) => isPickled);
    this.#isPickled.catch(() => {
      this.#isPickled = null;
    });
    return this.#isPickled;
  }

  /** The drivers load with the first use: most processes have none. */
  #open(): Promise<OpenDatabase> {
    if (this.#pauses.isClosed) {
      return Promise.reject(new AppError('closed', 'The result backend is closed'));
    }
    if (this.#opened === null) {
      const options = { timeoutMs: this.#timeoutMs, isWritable: this.#isWritable };
      const opening = import('./database-connection.ts').then(({ openDatabase }) =>
        openDatabase(this.#url, options),
      );
      this.#opened = opening;
      opening.catch(() => {
        if (this.#opened === opening) this.#opened = null;
      });
    }
    return this.#opened;
  }

  /** The tables that Python makes in PostgreSQL have a sequence beside them and no default: SQLAlchemy asks it itself. */
  #nextId(sequence: string): object {
    if (!this.#url.startsWith('db+postgresql')) return {};
    return { id: sql`nextval(${sequence})` };
  }

  #insistence(patienceMs: number): Insist {
    const isAway = (error: unknown) => isAppError(error) && isConnectionTrouble(error.cause);
    return createInsistence(patienceMs, this.#pauses.pause, isAway);
  }

  async #run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      const done = await work((await this.#open()).db);
      if (this.#state.status.state !== 'connected') this.#state.connected();
      return done;
    } catch (error) {
      const failure = toBackendError(error);
      this.#state.failed(failure.message, 1, null);
      throw failure;
    }
  }
}
