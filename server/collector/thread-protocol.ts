// What travels between the main thread and the collector's.
import type { ClusterStatus } from '../../lib/contract/index.ts';
import type { AppErrorCode } from '../core/errors.ts';
import type { Annotation, CommitNotice, InspectMethod } from '../store/collecting.ts';

export type CollectorRequest =
  | { type: 'annotate'; annotation: Annotation }
  | {
      type: 'inspect-now';
      hostnames: readonly string[] | null;
      methods: readonly InspectMethod[] | undefined;
    }
  | { type: 'forget-worker'; hostname: string }
  | { type: 'stop' };

export type ToCollector = { id: number; request: CollectorRequest };

export type Failure = { code: AppErrorCode; message: string };

export type FromCollector =
  | { type: 'ready'; status: ClusterStatus }
  | { type: 'refused'; failure: Failure }
  | { type: 'commit'; notice: CommitNotice }
  | { type: 'done'; id: number; failure: Failure | null };
