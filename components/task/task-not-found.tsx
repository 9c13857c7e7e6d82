import Link from 'next/link';
import { tasksPath } from '@/components/live/paths.ts';
import { Button } from '@/components/ui/button.tsx';
import { Card } from '@/components/ui/card.tsx';
import { EmptyState } from '@/components/ui/states.tsx';

export function TaskNotFound({
  cluster,
  id,
  onRetry,
}: {
  cluster: string;
  id: string;
  onRetry: () => void;
}) {
  return (
    <Card>
      <EmptyState
        title="No task with this id is known"
        action={
          <div className="flex flex-wrap justify-center gap-2">
            <Button onClick={onRetry}>Look again</Button>
            <Button asChild>
              <Link href={tasksPath(cluster)}>Show all tasks</Link>
            </Button>
          </div>
        }
      >
        <p className="font-mono text-sm break-all">{id}</p>
        <p className="mt-2">
          No event named it, and no queue that was looked through holds it. That happens when
        </p>
        <ul className="mt-1 list-disc pl-5 text-left">
          <li>it was sent a moment ago: this page shows it as soon as it is seen;</li>
          <li>it waits in a queue that is too long to be looked through;</li>
          <li>
            its worker sends no events (start it with -E, or enable events on the worker page);
          </li>
          <li>it is older than the history that is kept, or belongs to another cluster;</li>
          <li>the id is not complete: compare it with the log that it comes from.</li>
        </ul>
      </EmptyState>
    </Card>
  );
}
