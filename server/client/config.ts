// The settings of an app, each with its name in Celery and Celery's default. Durations are milliseconds here (`…Ms`), seconds
// there.
import type { TaskAnnotations } from './annotations.ts';
import type { RouteTable } from './routes.ts';
import type { Schedule } from '../celery/schedule.ts';
import type { PublishRetryPolicy } from './publish-retry.ts';
import type { QueueDefinition } from './queues.ts';

/** An entry of `beatSchedule`. */
export type ScheduleEntry = Readonly<{
  /** The name of the task. */
  task: string;
  /** Seconds, or `crontab(…)`. */
  schedule: number | Schedule;
  args?: readonly unknown[];
  kwargs?: Readonly<Record<string, unknown>>;
  /** Options of the call, in our words or in Celery's; `expires`, in seconds, counts from each run. */
  options?: Readonly<Record<string, unknown>>;
  /** Seconds are rounded to whole minutes, hours or days of the clock. */
  relative?: boolean;
}>;

/** Entries by name. */
export type ScheduleEntries = Readonly<Record<string, ScheduleEntry>>;

/** The settings of an app. */
export type AppConfig = {
  /** `broker_url` */
  brokerUrl: string;
  /** `broker_transport_options`: visibility_timeout, priority_steps, sep, global_keyprefix, master_name and others, in Celery's words. */
  brokerTransportOptions: Readonly<Record<string, unknown>>;
  /** `broker_connection_timeout` */
  brokerConnectionTimeoutMs: number;
  /** `broker_connection_retry_on_startup`: a worker or beat waits for a broker that is not there yet. */
  brokerConnectionRetryOnStartup: boolean;
  /** `broker_connection_max_retries`: how often it tries; null or 0: for ever. */
  brokerConnectionMaxRetries: number | null;
  /** `result_backend`; null: results go nowhere. */
  resultBackend: string | null;
  /** `result_backend_transport_options`: global_keyprefix, master_name. */
  resultBackendTransportOptions: Readonly<Record<string, unknown>>;
  /** `result_expires`; null or 0: never. */
  resultExpiresMs: number | null;
  /** `result_extended`: records carry name, arguments, worker and queue. */
  resultExtended: boolean;
  /** `result_persistent`: rpc:// results survive a restart of the broker. */
  resultPersistent: boolean;
  /** `database_table_names`: `task` and `group`. */
  databaseTableNames: Readonly<{ task?: string; group?: string }>;
  /** `accept_content`: serializers or content types that a worker takes; what comes in another is rejected. */
  acceptContent: readonly string[];
  /** `timezone`: IANA name; schedules are read in it. */
  timezone: string;
  /** `enable_utc`: messages carry UTC; what this package writes always does. */
  enableUtc: boolean;
  /** `task_annotations`: options and handlers by the name of the task (`*`: of all), for tasks that are defined elsewhere. */
  taskAnnotations: TaskAnnotations | null;
  /** `task_always_eager`: calls run in the process that makes them, which waits; nothing is sent. */
  taskAlwaysEager: boolean;
  /** `task_eager_propagates`: what such a call, or `apply`, comes to is thrown when it fails. */
  taskEagerPropagates: boolean;
  /** `task_store_eager_result`: results of such calls are stored in the result backend. */
  taskStoreEagerResult: boolean;
  /** `task_serializer`: json, yaml or msgpack. */
  taskSerializer: string;
  /** `task_publish_retry`: sending is tried again when the broker is away. */
  taskPublishRetry: boolean;
  /** `task_publish_retry_policy`, in Celery's words: max_retries, interval_start, interval_step, interval_max (seconds). */
  taskPublishRetryPolicy: PublishRetryPolicy;
  /** `task_compression`: gzip (or zlib) or brotli; null: none. Workers read bzip2 and zstd as well. */
  taskCompression: string | null;
  /** `result_serializer` */
  resultSerializer: string;
  /** `task_default_queue` */
  taskDefaultQueue: string;
  /** `task_default_routing_key` of topic and fanout exchanges; null: the name of the default queue. */
  taskDefaultRoutingKey: string | null;
  /** `task_default_queue_type`: `classic` or `quorum`, of the default queue. */
  taskDefaultQueueType: string;
  /** `task_create_missing_queue_type`: `classic` or `quorum`, of queues that are in no `task_queues`. */
  taskCreateMissingQueueType: string;
  /** `task_create_missing_queues`; false: messages and workers are refused whose queue is not one of `task_queues` (without any, the default one). */
  taskCreateMissingQueues: boolean;
  /** `task_queues`: the queues that are more than a name. */
  taskQueues: readonly QueueDefinition[];
  /** `task_routes`: by exact name, glob, regular expression or function. */
  taskRoutes: RouteTable;
  /** `task_default_priority` */
  taskDefaultPriority: number | null;
  /** `task_queue_max_priority`: RabbitMQ's x-max-priority. */
  taskQueueMaxPriority: number | null;
  /** `task_inherit_parent_priority` */
  taskInheritParentPriority: boolean;
  /** `task_send_sent_event` */
  taskSendSentEvent: boolean;
  /** `task_track_started` */
  taskTrackStarted: boolean;
  /** `task_acks_late` */
  taskAcksLate: boolean;
  /** `task_acks_on_failure_or_timeout` */
  taskAcksOnFailureOrTimeout: boolean;
  /** `task_acks_on_failure`; null: as `task_acks_on_failure_or_timeout` says. */
  taskAcksOnFailure: boolean | null;
  /** `task_acks_on_timeout`; null: as `task_acks_on_failure_or_timeout` says. */
  taskAcksOnTimeout: boolean | null;
  /** `task_reject_on_worker_lost` */
  taskRejectOnWorkerLost: boolean;
  /** `task_ignore_result` */
  taskIgnoreResult: boolean;
  /** `task_store_errors_even_if_ignored` */
  taskStoreErrorsEvenIfIgnored: boolean;
  /** `task_default_rate_limit` */
  taskDefaultRateLimit: string | number | null;
  /** `task_time_limit` */
  taskTimeLimitMs: number | null;
  /** `task_soft_time_limit` */
  taskSoftTimeLimitMs: number | null;
  /** `worker_concurrency`; null: the number of processors. */
  workerConcurrency: number | null;
  /** `worker_pool`: threads, processes (or prefork), async (or gevent, eventlet) or solo. */
  workerPool: string;
  /** `worker_prefetch_multiplier` */
  workerPrefetchMultiplier: number;
  /** `worker_send_task_events` */
  workerSendTaskEvents: boolean;
  /** `worker_max_tasks_per_child` */
  workerMaxTasksPerChild: number | null;
  /** `worker_max_memory_per_child`, in KiB. */
  workerMaxMemoryPerChild: number | null;
  /** `worker_disable_rate_limits` */
  workerDisableRateLimits: boolean;
  /** `worker_enable_remote_control` */
  workerEnableRemoteControl: boolean;
  /** `worker_soft_shutdown_timeout` */
  workerSoftShutdownTimeoutMs: number;
  /** `worker_pool_restarts`: the command `pool_restart` is obeyed. */
  workerPoolRestarts: boolean;
  /** `worker_deduplicate_successful_tasks`: a redelivered late-acknowledged task that has succeeded does not run again. */
  workerDeduplicateSuccessfulTasks: boolean;
  /** `worker_state_db`: a file that keeps revoked ids; `%n` is the name of the node. */
  workerStateDb: string | null;
  /** `beat_schedule` */
  beatSchedule: ScheduleEntries;
  /** `beat_schedule_filename` */
  beatScheduleFilename: string;
  /** `beat_max_loop_interval`: beat never sleeps longer; 0: the five minutes of its scheduler. */
  beatMaxLoopIntervalMs: number;
  /** `beat_cron_starting_deadline`; null: none. */
  beatCronStartingDeadlineMs: number | null;
  /** `control_exchange` */
  controlExchange: string;
  /** `event_exchange` */
  eventExchange: string;
};

export const DEFAULT_CONFIG: AppConfig = {
  brokerUrl: 'amqp://',
  brokerTransportOptions: {},
  brokerConnectionTimeoutMs: 4000,
  brokerConnectionRetryOnStartup: true,
  brokerConnectionMaxRetries: 100,
  resultBackend: null,
  resultBackendTransportOptions: {},
  resultExpiresMs: 86_400_000,
  resultExtended: false,
  resultPersistent: false,
  databaseTableNames: {},
  acceptContent: ['json'],
  timezone: 'UTC',
  enableUtc: true,
  taskAnnotations: null,
  taskAlwaysEager: false,
  taskEagerPropagates: false,
  taskStoreEagerResult: false,
  taskSerializer: 'json',
  taskPublishRetry: true,
  taskPublishRetryPolicy: {
    max_retries: 3,
    interval_start: 0,
    interval_step: 0.2,
    interval_max: 1,
  },
  taskCompression: null,
  resultSerializer: 'json',
  taskDefaultQueue: 'celery',
  taskDefaultRoutingKey: null,
  taskDefaultQueueType: 'classic',
  taskCreateMissingQueueType: 'classic',
  taskCreateMissingQueues: true,
  taskQueues: [],
  taskRoutes: {},
  taskDefaultPriority: null,
  taskQueueMaxPriority: null,
  taskInheritParentPriority: false,
  taskSendSentEvent: false,
  taskTrackStarted: false,
  taskAcksLate: false,
  taskAcksOnFailureOrTimeout: true,
  taskAcksOnFailure: null,
  taskAcksOnTimeout: null,
  taskRejectOnWorkerLost: false,
  taskIgnoreResult: false,
  taskStoreErrorsEvenIfIgnored: false,
  taskDefaultRateLimit: null,
  taskTimeLimitMs: null,
  taskSoftTimeLimitMs: null,
  workerConcurrency: null,
  workerPool: 'threads',
  workerPrefetchMultiplier: 4,
  workerSendTaskEvents: false,
  workerMaxTasksPerChild: null,
  workerMaxMemoryPerChild: null,
  workerDisableRateLimits: false,
  workerEnableRemoteControl: true,
  workerSoftShutdownTimeoutMs: 0,
  workerPoolRestarts: false,
  workerDeduplicateSuccessfulTasks: false,
  workerStateDb: null,
  beatSchedule: {},
  beatScheduleFilename: 'celerybeat-schedule',
  beatMaxLoopIntervalMs: 0,
  beatCronStartingDeadlineMs: null,
  controlExchange: 'celery',
  eventExchange: 'celeryev',
};
