// Everything about a result backend that an address cannot say.
import type { BrokerPort } from '../broker/memory/broker-port.ts';
import type { Transport } from '../broker/transport.ts';

export type BackendOptions = {
  /** memory:// only: a port to the embedded broker, apart from the transport's. */
  port?: BrokerPort;
  /** Celery's `global_keyprefix` of `result_backend_transport_options`. */
  keyPrefix?: string;
  sentinelMaster?: string;
  /** How long results are kept; null for ever. Celery's default is one day. */
  resultExpiresMs?: number | null;
  /** Celery's `result_serializer`: json, yaml or msgpack. Default json. */
  serializer?: string;
  timeoutMs?: number;
  connectTimeoutMs?: number;
  /** Celery's `database_table_names`. */
  tables?: { task?: string; group?: string };
  /** Databases: whether this connection may store, and make the tables. Default: it only reads. */
  isWritable?: boolean;
  /** How long storing is tried again while the backend is away. Default: not at all. */
  patienceMs?: number;
  /** rpc:// only: how this process sends and receives results. */
  rpc?: RpcOptions;
};

export type RpcOptions = {
  /** The queue that this process takes its results from. */
  replyTo: string;
  transport: () => Transport;
  isPersistent: boolean;
  /** How long sending a result is tried again while the broker is away. */
  patienceMs?: number;
};

export const DEFAULT_RESULT_EXPIRES_MS = 86_400_000;
