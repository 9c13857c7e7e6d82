import { ApiError, toMessage } from '@/components/live/api.ts';

/** Why the server refused, with every field that it named. */
export function ProblemNote({ error }: { error: unknown }) {
  const title = error instanceof ApiError ? error.title : 'This did not work';
  return (
    <div role="alert" className="rounded-md border border-failure/50 px-2.5 py-1.5">
      <p className="font-medium text-failure">{title}</p>
      <p className="break-words text-ink-2">{toMessage(error)}</p>
    </div>
  );
}
