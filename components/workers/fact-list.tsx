'use client';
import { useState } from 'react';
import { Input } from '@/components/ui/input.tsx';
import { EmptyState } from '@/components/ui/states.tsx';
import type { Fact } from './facts.ts';

/** Names and values, with a filter where there are many. */
export function FactList({ facts, label }: { facts: readonly Fact[]; label: string }) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = facts.filter((fact) => `${fact.name} ${fact.value}`.toLowerCase().includes(wanted));
  return (
    <>
      {facts.length > 15 ? (
        <div className="border-b border-line px-3.5 py-2">
          <Input
            type="search"
            aria-label={`Filter ${label}`}
            placeholder="Filter"
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="max-w-64"
          />
        </div>
      ) : null}
      {shown.length === 0 ? <EmptyState title="Nothing matches" /> : null}
      <dl className="grid gap-x-4 px-3.5 py-2.5 md:grid-cols-[min(340px,40%)_minmax(0,1fr)]">
        {shown.map((fact) => (
          <div
            key={fact.name}
            className="grid gap-x-4 py-[3px] md:col-span-2 md:grid-cols-subgrid md:items-baseline"
          >
            <dt className="font-mono text-sm break-all text-ink-3">{fact.name}</dt>
            <dd className="font-mono text-sm wrap-anywhere whitespace-pre-wrap">
              {fact.isMasked ? (
                <span className="text-ink-3" title="A secret, masked before it was stored">
                  masked
                </span>
              ) : (
                fact.value
              )}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
