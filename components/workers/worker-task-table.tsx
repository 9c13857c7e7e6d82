'use client';
import Link from 'next/link';
import { queuePath, taskPath } from '@/components/live/paths.ts';
import { Time } from '@/components/live/time.tsx';
import { Table, Td, Th, Tr } from '@/components/ui/table.tsx';
import { Countdown, RelativeTime } from '@/components/ui/time.tsx';
import { Unknown } from '@/components/ui/tooltip.tsx';
import type { WorkerTask } from '@/lib/contract/worker.ts';

type Kind = 'running' | 'reserved' | 'scheduled';

/** Tasks that a worker holds, as it told them. */
export function WorkerTaskTable({
  cluster,
  tasks,
  kind,
}: {
  cluster: string;
  tasks: readonly WorkerTask[];
  kind: Kind;
}) {
  return (
    <Table caption={`Tasks ${kind} on this worker`}>
      <thead>
        <tr>
          <Th>Type</Th>
          <Th>Task</Th>
          <Th desk>Arguments</Th>
          <Th desk>Queue</Th>
          {kind === 'running' ? <Th right>Started</Th> : null}
          {kind === 'running' ? (
            <Th right desk>
              Pid
            </Th>
          ) : null}
          {kind === 'scheduled' ? <Th right>ETA</Th> : null}
          {kind === 'scheduled' ? (
            <Th right desk>
              Due
            </Th>
          ) : null}
          <Th right desk>
            Priority
          </Th>
          <Th right desk>
            Acknowledged
          </Th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <Tr key={task.id}>
            <Td className="max-w-64 truncate font-medium">{task.type ?? <Unknown />}</Td>
            <Td className="max-w-40 truncate">
              <Link
                href={taskPath(cluster, task.id)}
                title={task.id}
                className="font-mono text-sm hover:underline"
              >
                {task.id.slice(0, 8)}
              </Link>
            </Td>
            <Td desk className="w-full max-w-0 truncate font-mono text-sm text-ink-3">
              {[task.args, task.kwargs].filter((text) => text !== null).join(' ')}
            </Td>
            <Td desk className="font-mono text-sm">
              {task.queue === null ? (
                <span className="text-ink-3">–</span>
              ) : (
                <Link href={queuePath(cluster, task.queue)} className="text-ink-3 hover:underline">
                  {task.queue}
                </Link>
              )}
            </Td>
            {kind === 'running' ? (
              <Td right>
                <RelativeTime at={task.startedAt} />
              </Td>
            ) : null}
            {kind === 'running' ? (
              <Td right desk className="text-ink-3">
                {task.pid ?? '–'}
              </Td>
            ) : null}
            {kind === 'scheduled' ? (
              <Td right>
                <Time at={task.etaAt} unknown="unknown" />
              </Td>
            ) : null}
            {kind === 'scheduled' ? (
              <Td right desk>
                <Countdown at={task.etaAt} />
              </Td>
            ) : null}
            <Td right desk className="text-ink-3">
              {task.priority ?? '–'}
            </Td>
            <Td right desk className="text-ink-3">
              {task.acknowledged === null ? '–' : task.acknowledged ? 'yes' : 'no'}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
