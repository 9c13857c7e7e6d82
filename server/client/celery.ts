// The app: settings, tasks, and the way out for calls. It opens its connections when the first call needs them, and closes
// what it opened; connections that were handed in belong to whoever opened them.
import { randomUUID } from 'node:crypto';
import { isChordBackend } from '../backend/create-backend.ts';
import type { ResultBackend } from '../backend/result-backend.ts';
import type { Transport } from '../broker/transport.ts';
import { toPyValue } from '../celery/fields.ts';
import { encodeResultTuple } from '../celery/result-tuple.ts';
import type { Schedule } from '../celery/schedule.ts';
import { encodeSignature, type Signature } from '../celery/signature.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { pythonRepr } from '../../lib/python/repr.ts';
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import { annotated } from './annotations.ts';
import type { ApplyOptions, EagerOptions } from './apply-options.ts';
import { builtinTasks } from './builtin-tasks.ts';
import { signature, type SignatureOptions, type TaskSignature } from './canvas.ts';
import { openBackend, openTransport } from './connections.ts';
import { setCurrentApp } from './current-app.ts';
import type { ControlCommand } from './control-command.ts';
import { defineTask } from './define-task.ts';
import { runHere, type EagerParts } from './eager.ts';
import { createEventPublisher } from './event-publisher.ts';
import { sendSignature, type ExpandParts, type Sent } from './expand.ts';
import { LamportClock } from './lamport-clock.ts';
import { publishAgain } from './publish-retry.ts';
import { createTaskPublisher, ORIGIN } from './publish-task.ts';
import { AsyncResult, GroupResult, resultOf, type RevokeOptions } from './results.ts';
import {
  createConfiguration,
  type CelerySettings,
  type Configuration,
  type Settings,
} from './settings.ts';
import { createSignals, type Signals } from './signals.ts';
import { createTask } from './task.ts';
import { currentTask, type TaskScope } from './task-scope.ts';
import type {
  Task,
  TaskBody,
  TaskContext,
  TaskDeclaration,
  TaskDefinition,
  TaskRegistry,
} from './task-types.ts';

/** What a new app may be given: any setting, under either of its names. */
export type CeleryOptions = Settings &
  CelerySettings & {
    /** The broker's URL (`broker_url`), or a transport that somebody else closes. */
    broker?: string | Transport;
    /** The result backend's URL (`result_backend`), or a backend that somebody else closes. */
    backend?: string | ResultBackend | null;
    /** Another clock than the machine's, for tests. */
    clock?: Clock;
  };

/** Whom to ask, and for how long. */
export type BroadcastOptions = {
  /** Names of nodes. Default: all workers. */
  destination?: readonly string[];
  /** How long answers are waited for. Default one second. */
  timeoutMs?: number;
};

/** An app: its settings, its tasks, and the way out for calls. */
export class Celery implements TaskRegistry {
  /** As it was made; not the name of a task or a queue. */
  readonly name: string;
  /** The settings; `update` changes them. */
  readonly conf: Configuration;
  /** What time it is for calls and schedules. */
  readonly clock: Clock;
  /** Moments at which an application may do something of its own. */
  readonly signals: Signals = createSignals();
  /** The registered tasks by name, those of Celery's own among them. */
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  /** This process among those that wait for rpc:// results. */
  readonly oid = randomUUID();
  /** Remote control commands of the app's own, by name. */
  readonly controlCommands = new Map<string, ControlCommand>();
  /** How long sending goes on while the broker is away, whatever `task_publish_retry_policy` says; a worker sets it. */
  patienceMs = 0;
  /** As they were declared. */
  readonly #declared = new Map<string, TaskDefinition>();
  readonly #tasks = new Map<string, TaskDefinition>();
  #transport: Transport | null;
  #backend: ResultBackend | null | undefined;
  readonly #opened: { close(): Promise<void> }[] = [];
  #connecting: Promise<void> | null = null;
  #parts: ExpandParts | null = null;

  /** Opens nothing yet. Throws AppError bad_configuration when a setting is unknown or wrong. */
  constructor(name: string, options: CeleryOptions = {}) {
    const { broker, backend, clock = systemClock, ...settings } = options;
    this.name = name;
    this.clock = clock;
    this.conf = createConfiguration(settings, () => {
      for (const task of this.#declared.values()) this.#annotate(task);
    });
    if (typeof broker === 'string') this.conf.update({ brokerUrl: broker });
    if (typeof backend === 'string') this.conf.update({ resultBackend: backend });
    this.#transport = typeof broker === 'object' ? broker : null;
    this.#backend = typeof backend === 'string' ? undefined : backend;
    this.tasks = this.#tasks;
    for (const task of builtinTasks(this)) this.#declare(task);
    setCurrentApp(this);
  }

  /** The connection to the broker; `connect` opens it. */
  get transport(): Transport {
    if (this.#transport === null) {
      this.#transport = openTransport(this.conf);
      this.#opened.push(this.#transport);
      this.#connecting = null;
    }
    return this.#transport;
  }

  /** Null without a result backend. */
  get backend(): ResultBackend | null {
    if (this.#backend === undefined) {
      this.#backend = openBackend(this.conf, this.oid, () => this.transport);
      if (this.#backend !== null) this.#opened.push(this.#backend);
    }
    return this.#backend;
  }

  /** Opens the connections now rather than with the first call. */
  connect(): Promise<void> {
    if (this.#connecting === null) {
      const { transport, backend } = this;
      this.#connecting = (async () => {
        if (this.#opened.includes(transport)) await transport.connect();
        if (backend !== null && this.#opened.includes(backend)) await backend.connect();
      })();
      this.#connecting.catch(() => {
        this.#connecting = null;
      });
    }
    return this.#connecting;
  }

  /** Closes what this app opened. */
  async close(): Promise<void> {
    for (const one of this.#opened.splice(0).reverse()) await one.close();
  }

  /** Registers a task whose body is given its context first; the handle calls it. */
  task<A extends unknown[], R>(
    name: string,
    body: (context: TaskContext, ...args: A) => R,
    options: TaskDeclaration<Awaited<R>> & { bind: true },
  ): Task<A, Awaited<R>>;
  /** Registers a task under a name; the handle calls it. */
  task<A extends unknown[], R>(
    name: string,
    body: (...args: A) => R,
    options?: TaskDeclaration<Awaited<R>> & { bind?: false },
  ): Task<A, Awaited<R>>;
  task<A extends unknown[], R>(
    name: string,
    body: TaskBody,
    options: TaskDeclaration<never> = {},
  ): Task<A, R> {
    const definition = defineTask(name, body, options);
    this.#declare(definition);
    return createTask<A, R>(definition, this);
  }

  #declare(task: TaskDefinition): void {
    this.#declared.set(task.name, task);
    this.#annotate(task);
  }

  #annotate(task: TaskDefinition): void {
    this.#tasks.set(task.name, annotated(task, this.conf.taskAnnotations));
  }

  /** Registers a remote control command: every worker of this app answers it, whoever asks. */
  controlCommand(name: string, command: ControlCommand): void {
    this.controlCommands.set(name, command);
  }

  /**
   * Adds an entry to `beat_schedule`: seconds, or `crontab(…)`. Its name, which is also how another entry takes its place.
   * Beat reads the schedule when it starts.
   */
  addPeriodicTask(
    schedule: number | Schedule,
    call: Signature,
    options: { name?: string; expiresMs?: number } = {},
  ): string {
    const { task, args, kwargs } = call;
    const { name = `${task}(${pythonRepr(args)}, ${pythonRepr(kwargs)})`, expiresMs } = options;
    const expires = expiresMs === undefined ? {} : { expires: expiresMs / 1000 };
    const entry = { task, schedule, args, kwargs, options: { ...call.options, ...expires } };
    this.conf.update({ beatSchedule: { ...this.conf.beatSchedule, [name]: entry } });
    return name;
  }

  /** A call of a task by name, also of one that lives elsewhere. */
  signature<R = unknown>(
    name: string,
    args: readonly unknown[] = [],
    options: SignatureOptions = {},
  ): TaskSignature<unknown[], R> {
    return signature<R>(name, args, options, this);
  }

  /** Sends a task by name, also one that lives elsewhere, in Python for instance. */
  sendTask<R = unknown>(
    name: string,
    args: readonly unknown[] = [],
    kwargs: Readonly<Record<string, unknown>> = {},
    options: Omit<ApplyOptions, 'kwargs'> = {},
  ): Promise<AsyncResult<R>> {
    const given = { ...options, kwargs: toPyValue(kwargs) as PyDict };
    return this.#applyOut(signature(name), args, given) as Promise<AsyncResult<R>>;
  }

  /** Sends a signature, chain, group or chord, or runs it here (`task_always_eager`); extra arguments come before its own. */
  apply<R = unknown>(
    sig: Signature,
    args: readonly unknown[] = [],
    options: ApplyOptions = {},
  ): Promise<AsyncResult<R>> {
    const applied = this.conf.taskAlwaysEager
      ? this.runHere(sig, args, options)
      : this.#applyOut(sig, args, options);
    return applied as Promise<AsyncResult<R>>;
  }

  /** Runs a signature, chain, group or chord in this process, and waits for its end: `apply` of tasks and signatures. */
  async runHere<R = unknown>(
    sig: Signature,
    args: readonly unknown[] = [],
    options: EagerOptions = {},
  ): Promise<AsyncResult<R>> {
    const { propagate = this.conf.taskEagerPropagates, ...given } = options;
    const around = currentTask();
    const family: ApplyOptions = {};
    if (around !== null) {
      const { id, rootId } = around.request;
      Object.assign(family, { parentId: id, rootId: rootId ?? id });
    }
    const context = { ...family, ...withPyKwargs(given) };
    const plain = args.map((arg) => toPyValue(arg));
    const result = await runHere(this.#eagerParts(around), sig, plain, context, propagate);
    around?.request.children.push(result.id);
    return result as AsyncResult<R>;
  }

  async #applyOut(
    sig: Signature,
    args: readonly unknown[],
    options: ApplyOptions,
  ): Promise<AsyncResult> {
    const plain = args.map((arg) => toPyValue(arg));
    return resultOf(await this.send(sig, plain, withPyKwargs(options)), this);
  }

  /** As `apply`, with the bare ids of what was sent. Inside a task it becomes the task's child. */
  send(sig: Signature, args: PyValue[] = [], options: ApplyOptions = {}): Promise<Sent> {
    const around = currentTask();
    return around === null ? this.#sendOut(sig, args, options) : around.send(sig, args, options);
  }

  async #sendOut(sig: Signature, args: PyValue[], options: ApplyOptions): Promise<Sent> {
    try {
      await this.connect();
    } catch (error) {
      await this.#connectAgain(error, options);
    }
    this.#parts ??= this.#expandParts();
    return sendSignature(this.#parts, sig, args, options);
  }

  /** The handle on a task by its id. */
  result<R = unknown>(id: string): AsyncResult<R> {
    return new AsyncResult<R>(id, this);
  }

  /** The group that `GroupResult.save` stored; null when there is none. */
  async restoreGroup<R = unknown>(id: string): Promise<GroupResult<R> | null> {
    const saved = (await this.backend?.restoreGroup(id)) ?? null;
    const found = saved === null ? null : resultOf(saved, this);
    return found instanceof GroupResult ? (found as GroupResult<R>) : null;
  }

  /**
   * Asks or commands workers, as `celery inspect` and `celery control` do: `ping`, `active`, `rate_limit`, a command of the app's own.
   * Their answers, by the names of the nodes, after all that were asked have answered or the time is over.
   */
  async broadcast(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    options: BroadcastOptions = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    await this.connect();
    const { destination = null, timeoutMs = 1000 } = options;
    const request = { method: command, arguments: { ...args }, destination };
    const replies = await this.transport.gather(request, { timeoutMs });
    return Object.fromEntries(replies.map(({ hostname, value }) => [hostname, value]));
  }

  /** Tells all workers not to run these tasks; with `terminate`, not to go on with them either. */
  async revoke(ids: readonly string[], options: RevokeOptions = {}): Promise<void> {
    await this.connect();
    const { terminate = false, signal = 'SIGTERM' } = options;
    await this.transport.broadcast({
      method: 'revoke',
      arguments: { task_id: ids.length === 1 ? ids[0] : ids, terminate, signal },
      destination: null,
    });
  }

  /** Connecting counts as a part of sending: it is tried again as often. */
  #connectAgain(cause: unknown, { retry, retryPolicy }: ApplyOptions): Promise<void> {
    const { taskPublishRetry, taskPublishRetryPolicy } = this.conf;
    return publishAgain(cause, () => this.connect(), {
      retry: retry ?? taskPublishRetry,
      policy: { ...taskPublishRetryPolicy, ...retryPolicy },
      patienceMs: this.patienceMs,
      connect: () => Promise.resolve(),
    });
  }

  /** `around` is the task that calls: what has to be sent leaves as it says. */
  #eagerParts(around: TaskScope | null): EagerParts {
    return {
      tasks: this.#tasks,
      signals: this.signals,
      clock: this.clock,
      source: this,
      call: (sig, args, options) => this.apply(sig, args, options),
      send: (sig, args, options) =>
        around === null ? this.#sendOut(sig, args, options) : around.send(sig, args, options),
      sendWhole: (sig, args, options) => this.#applyOut(sig, args, options),
      store: async (meta, ignoreResult = this.conf.taskIgnoreResult) => {
        const { backend, conf } = this;
        if (!conf.taskStoreEagerResult || ignoreResult || backend === null) return;
        if (this.#opened.includes(backend)) await backend.connect();
        await backend.store(meta);
      },
    };
  }

  #expandParts(): ExpandParts {
    const { transport, backend, clock, conf, signals } = this;
    const lamport = new LamportClock();
    const publishTask = createTaskPublisher({
      transport,
      config: conf,
      clock,
      signals,
      replyTo: this.oid,
      events: createEventPublisher({ transport, hostname: ORIGIN, lamport, clock }),
      optionsOf: (task) => this.#tasks.get(task)?.options ?? null,
      patienceMs: () => this.patienceMs,
    });
    if (backend === null || backend.kind === 'rpc') return { publishTask, chords: null };
    if (isChordBackend(backend)) {
      const prepare: NonNullable<ExpandParts['chords']>['prepare'] = async (id, size, members) => {
        const isNested = members.some(({ children }) => children !== null);
        if (isNested) await backend.saveGroup({ id, parent: null, children: [...members] });
        await backend.setChordSize(id, size);
      };
      return { publishTask, chords: { prepare, watch: () => Promise.resolve() } };
    }
    const watch: NonNullable<ExpandParts['chords']>['watch'] = async (id, body, members) => {
      const result = members.map((member) => encodeResultTuple(member));
      const { queue } = body.options;
      await publishTask(
        'celery.chord_unlock',
        [id, encodeSignature(body)],
        { result },
        { countdownMs: 1000, ...(typeof queue === 'string' ? { queue } : {}) },
      );
    };
    return { publishTask, chords: { prepare: () => Promise.resolve(), watch } };
  }
}

function withPyKwargs({ kwargs, ...rest }: ApplyOptions): ApplyOptions {
  return kwargs === undefined ? rest : { ...rest, kwargs: toPyValue(kwargs) as PyDict };
}
