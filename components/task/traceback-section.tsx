'use client';

import { useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Section } from '@/components/ui/card.tsx';
import { cn } from '@/components/ui/cn.ts';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { exceptionName, ownFrames, parseTraceback, type TracebackRow } from './traceback.ts';

function Row({ row }: { row: TracebackRow }) {
  if (row.type === 'skipped') {
    return (
      <div className="text-ink-3">
        {'  '}… {row.count} {row.count === 1 ? 'frame' : 'frames'} of libraries
      </div>
    );
  }
  if (row.type !== 'frame') {
    return (
      <div
        className={cn(
          row.type === 'error' && 'text-failure',
          row.type === 'header' && 'text-ink-3',
        )}
      >
        {row.text === '' ? '\u00a0' : row.text}
      </div>
    );
  }
  return (
    <div className={cn(row.isLibrary && 'text-ink-3')}>
      <div>
        {'  '}File &quot;{row.file}&quot;, line {row.line}
        {row.name === '' ? '' : `, in ${row.name}`}
      </div>
      {row.source.map((line, index) => (
        <div
          key={index}
          className={cn(!row.isLibrary && !/^[\s~^]+$/.test(line) && 'font-semibold')}
        >
          {'    '}
          {line}
        </div>
      ))}
    </div>
  );
}

export function TracebackSection({
  exception,
  traceback,
}: {
  exception: string | null;
  traceback: string | null;
}) {
  const [all, setAll] = useState(false);
  if (exception === null && traceback === null) return null;
  const parts = traceback === null ? [] : parseTraceback(traceback);
  const own = ownFrames(parts);
  const hides = own.some((row) => row.type === 'skipped');
  const text = traceback ?? exception ?? '';
  return (
    <Section
      title={exceptionName(exception) ?? 'Exception'}
      actions={
        <>
          {hides ? (
            <Button size="sm" variant="quiet" aria-pressed={all} onClick={() => setAll(!all)}>
              {all ? 'Your frames only' : 'All frames'}
            </Button>
          ) : null}
          <CopyButton text={text} label="Copy the traceback" />
        </>
      }
    >
      {traceback === null ? (
        <div className="px-3.5 py-3">
          <pre className="font-mono text-sm break-words whitespace-pre-wrap text-failure">
            {exception}
          </pre>
          <p className="mt-2 text-ink-2">The traceback was not told.</p>
        </div>
      ) : (
        <pre
          tabIndex={0}
          aria-label="Traceback"
          className="max-h-[560px] overflow-auto px-3.5 py-3 font-mono text-sm leading-[1.6] break-words whitespace-pre-wrap"
        >
          {(all ? parts : own).map((row, index) => (
            <Row key={index} row={row} />
          ))}
        </pre>
      )}
    </Section>
  );
}
