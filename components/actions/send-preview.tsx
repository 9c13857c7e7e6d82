import type { ReactNode } from 'react';
import type { RetryForm, RetryRequest } from '@/lib/contract/control.ts';

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 font-mono text-sm break-words whitespace-pre-wrap">{children}</dd>
    </>
  );
}

/** Exactly what goes to the broker, before it goes. */
export function SendPreview({ request, form }: { request: RetryRequest; form: RetryForm }) {
  return (
    <dl className="grid grid-cols-[112px_minmax(0,1fr)] gap-y-2">
      <Line name="Task type">{request.type}</Line>
      <Line name="Arguments">{request.args}</Line>
      <Line name="By keyword">{request.kwargs}</Line>
      <Line name="Queue">{request.queue}</Line>
      <Line name="Routing">
        {request.exchange === null || request.exchange === ''
          ? 'straight to the queue'
          : `exchange ${request.exchange}, key ${request.routingKey ?? request.queue}`}
      </Line>
      <Line name="Priority">
        {request.priority === null ? 'the default of the queue' : request.priority}
      </Line>
      <Line name="Headers">{request.headers ?? 'none of its own'}</Line>
      <Line name="Callbacks">{request.includeLinks ? 'as the original' : 'none'}</Line>
      <Line name="Chain">{request.includeChain ? 'the remaining steps' : 'none'}</Line>
      <Line name="Serializer">{form.serializer ?? 'json (not known which it had)'}</Line>
      {request.filled.length === 0 ? null : (
        <Line name="Filled in">{`${request.filled.join(', ')}, by you`}</Line>
      )}
    </dl>
  );
}
