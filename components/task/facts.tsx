'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { queuePath, taskPath, tasksPath, workerPath } from '@/components/live/paths.ts';
import { Time } from '@/components/live/time.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Section } from '@/components/ui/card.tsx';
import type { TaskDetail } from '@/lib/contract/task.ts';
import { filterFor } from '@/lib/filter/stringify.ts';
import { formatDuration } from '@/lib/format/duration.ts';

const link = 'break-all underline decoration-line underline-offset-[3px] hover:decoration-current';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

const none = <span className="text-ink-3">unknown</span>;

function TaskLink({ cluster, id }: { cluster: string; id: string }) {
  return (
    <Link href={taskPath(cluster, id)} className={`${link} font-mono text-sm`} title={id}>
      {id.length > 13 ? `${id.slice(0, 13)}…` : id}
    </Link>
  );
}

function TaskLinks({ cluster, ids }: { cluster: string; ids: readonly string[] }) {
  return (
    <span className="flex flex-col">
      {ids.slice(0, 20).map((id) => (
        <TaskLink key={id} cluster={cluster} id={id} />
      ))}
    </span>
  );
}

export function Facts({ cluster, task }: { cluster: string; task: TaskDetail }) {
  const isRoot = task.rootId === null || task.rootId === task.id;
  return (
    <Section title="Facts">
      <dl className="grid grid-cols-[108px_minmax(0,1fr)] gap-y-[7px] px-3.5 py-3">
        <Fact name="Queue">
          {task.queue === null ? (
            none
          ) : (
            <Link href={queuePath(cluster, task.queue)} className={`${link} font-mono text-sm`}>
              {task.queue}
            </Link>
          )}
          {task.priority === null ? null : (
            <span className="text-ink-2"> · priority {task.priority}</span>
          )}
        </Fact>
        <Fact name="Worker">
          {task.worker === null ? (
            <span className="text-ink-3">none yet</span>
          ) : (
            <>
              <Link href={workerPath(cluster, task.worker)} className={`${link} font-mono text-sm`}>
                {task.worker}
              </Link>
              {task.workerPid === null ? null : (
                <span className="text-ink-2">
                  {' '}
                  · <span className="whitespace-nowrap">pid {task.workerPid}</span>
                </span>
              )}
            </>
          )}
        </Fact>
        {isRoot ? null : (
          <Fact name="Workflow">
            <Link href={tasksPath(cluster, filterFor('root', task.rootId ?? ''))} className={link}>
              all its tasks
            </Link>
            <span className="text-ink-3"> · from </span>
            <TaskLink cluster={cluster} id={task.rootId ?? ''} />
          </Fact>
        )}
        {task.parentId === null ? null : (
          <Fact name="Parent">
            <TaskLink cluster={cluster} id={task.parentId} />
          </Fact>
        )}
        {task.childCount > 0 || task.childIds.length > 0 ? (
          <Fact name="Children">
            <TaskLinks cluster={cluster} ids={task.childIds} />
            {task.childCount > Math.min(20, task.childIds.length) ? (
              <Link href={tasksPath(cluster, filterFor('parent', task.id))} className={link}>
                all {task.childCount}
              </Link>
            ) : null}
          </Fact>
        ) : null}
        {task.groupId === null ? null : (
          <Fact name="Group">
            <span className="font-mono text-sm break-all">{task.groupId}</span>
          </Fact>
        )}
        {task.retryOfId === null ? null : (
          <Fact name="Repeats">
            <TaskLink cluster={cluster} id={task.retryOfId} />
          </Fact>
        )}
        {task.retriedAsIds.length === 0 ? null : (
          <Fact name="Sent again as">
            <TaskLinks cluster={cluster} ids={task.retriedAsIds} />
          </Fact>
        )}
        <Fact name="Retries">
          <span className="tnum">{task.retries}</span>
        </Fact>
        <Fact name="Wait">
          <span className="tnum">{formatDuration(task.waitMs)}</span>
        </Fact>
        <Fact name="Runtime">
          <span className="tnum">{formatDuration(task.runtimeMs)}</span>
        </Fact>
        <Fact name="Sent">
          <Time at={task.sentAt} unknown="not observed" />
        </Fact>
        <Fact name="Received">
          <Time at={task.receivedAt} />
        </Fact>
        <Fact name="Started">
          <Time at={task.startedAt} />
        </Fact>
        <Fact name="Ended">
          <Time at={task.finishedAt} />
        </Fact>
        {task.etaAt === null ? null : (
          <Fact name="Not before">
            <Time at={task.etaAt} />
          </Fact>
        )}
        {task.expiresAt === null ? null : (
          <Fact name="Expires">
            <Time at={task.expiresAt} />
          </Fact>
        )}
        <Fact name="Sent by">
          {task.sentBy === null ? none : <span className="font-mono text-sm">{task.sentBy}</span>}
        </Fact>
        {task.exchange === null && task.routingKey === null ? null : (
          <Fact name="Routing">
            <span className="font-mono text-sm">
              {task.exchange === null || task.exchange === '' ? 'default exchange' : task.exchange}
              {task.routingKey === null ? '' : ` · ${task.routingKey}`}
            </span>
          </Fact>
        )}
      </dl>
    </Section>
  );
}

/** What the result backend said when it was asked, and the button that asks again. */
export function BackendFact({
  task,
  isReading,
  onRead,
  error,
}: {
  task: TaskDetail;
  isReading: boolean;
  onRead: () => void;
  error: string | null;
}) {
  const { resultMeta } = task;
  return (
    <Section
      title="Result backend"
      actions={
        <Button size="sm" onClick={onRead} disabled={isReading}>
          {isReading ? 'Reading…' : resultMeta === null ? 'Read' : 'Read again'}
        </Button>
      }
      bodyClassName="px-3.5 py-3 text-ink-2"
    >
      {error === null ? null : (
        <p role="alert" className="mb-1 text-failure">
          {error}
        </p>
      )}
      {resultMeta === null ? (
        'Not read: it may hold the whole arguments and the whole result.'
      ) : (
        <>
          Says <span className="font-mono text-sm text-ink">{resultMeta.status}</span>, read at{' '}
          <Time at={resultMeta.readAt} />.{' '}
          {resultMeta.extended
            ? 'The record is extended: it carries the arguments too.'
            : 'The record has no arguments (result_extended is off).'}
        </>
      )}
    </Section>
  );
}
