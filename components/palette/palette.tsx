'use client';

import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Boxes, Filter, Hash, Layers, ListTree, Server, SquareFunction } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useRef, useState, type ReactNode } from 'react';
import { NAV } from '@/components/layout/nav.ts';
import { setPaletteOpen, usePaletteOpen } from '@/components/layout/palette-store.ts';
import { useGo } from '@/components/live/use-go.ts';
import { apiGet, queryString } from '@/components/live/api.ts';
import { useHold } from '@/components/live/hold.ts';
import { useSession } from '@/components/live/use-session.ts';
import {
  apiPath,
  clusterPath,
  queuePath,
  taskPath,
  tasksPath,
  workerPath,
} from '@/components/live/paths.ts';
import { suggestions } from '@/lib/contract/api.ts';
import { parseFilter } from '@/lib/filter/parse.ts';
import { filterFor } from '@/lib/filter/stringify.ts';
import { pastedId } from './keys.ts';
import { Keyboard } from './keyboard.tsx';

/** The command palette and the keyboard of a cluster's pages. */
export function Palette({ cluster }: { cluster: string }) {
  const open = usePaletteOpen();
  useHold(open);
  return (
    <>
      <Keyboard cluster={cluster} />
      <Radix.Root open={open} onOpenChange={setPaletteOpen}>
        <Radix.Portal>
          <Radix.Overlay data-overlay className="fixed inset-0 z-40 bg-[oklch(0_0_0/0.45)]" />
          <Radix.Content
            aria-describedby={undefined}
            className="fixed top-[12dvh] left-1/2 z-50 w-[min(560px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-panel"
          >
            <Radix.Title className="sr-only">Search and commands</Radix.Title>
            <Search cluster={cluster} />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </>
  );
}

const FIELDS = [
  { field: 'name', heading: 'Task types', icon: SquareFunction },
  { field: 'queue', heading: 'Queues', icon: Layers },
  { field: 'worker', heading: 'Workers', icon: Server },
] as const;

function useKnown(cluster: string, field: string, prefix: string): string[] {
  const query = useQuery({
    queryKey: ['palette', cluster, field, prefix],
    queryFn: ({ signal }) =>
      apiGet(
        apiPath(cluster, `tasks/suggest${queryString({ field, prefix, limit: 6 })}`),
        suggestions,
        signal,
      ),
    staleTime: 10_000,
  });
  return query.data?.values ?? [];
}

function Search({ cluster }: { cluster: string }) {
  const open = useGo();
  const { session } = useSession();
  const [text, setText] = useState('');
  const wanted = text.trim();
  const known = {
    name: useKnown(cluster, 'name', wanted),
    queue: useKnown(cluster, 'queue', wanted),
    worker: useKnown(cluster, 'worker', wanted),
  };
  const go = (path: string) => {
    setPaletteOpen(false);
    open(path);
  };
  const pathOf = (field: (typeof FIELDS)[number]['field'], value: string) => {
    if (field === 'queue') return queuePath(cluster, value);
    return field === 'worker'
      ? workerPath(cluster, value)
      : tasksPath(cluster, filterFor('name', value));
  };
  const id = pastedId(wanted);
  const isWanted = (label: string) => label.toLowerCase().includes(wanted.toLowerCase());
  const pages = NAV.filter((page) => isWanted(page.label));
  // Results come in late: the first of them is chosen until somebody moves.
  const [picked, setPicked] = useState<string | null>(null);
  const moves = useRef(false);
  const clusters = (session?.clusters ?? []).filter((name) => name !== cluster && isWanted(name));
  const [named] = FIELDS.flatMap(({ field }) => known[field].map((value) => `${field} ${value}`));
  const [page] = pages;
  const [other] = clusters;
  const first =
    id !== null
      ? `task ${id}`
      : page !== undefined
        ? `page ${page.key}`
        : other !== undefined
          ? `cluster ${other}`
          : (named ?? 'filter tasks');
  return (
    <Command
      shouldFilter={false}
      label="Search and commands"
      loop
      value={picked ?? first}
      onValueChange={(value) => {
        if (moves.current) setPicked(value);
      }}
      onKeyDown={(event) => {
        if (event.key.length > 1 || event.ctrlKey) moves.current = true;
      }}
      onPointerMove={() => {
        moves.current = true;
      }}
    >
      <Command.Input
        autoFocus
        value={text}
        onValueChange={(next) => {
          moves.current = false;
          setPicked(null);
          setText(next);
        }}
        maxLength={2000}
        placeholder="A page, a task id, a type, a queue, a worker, or a filter"
        className="h-11 w-full border-b border-line bg-transparent px-4 outline-none placeholder:text-ink-3 touch:text-lg"
      />
      <Command.List
        label="Results"
        className="max-h-[min(420px,60dvh)] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3"
      >
        <Command.Empty className="px-2 py-6 text-center text-ink-2">
          Nothing is called so.
        </Command.Empty>
        {id === null ? null : (
          <Command.Group heading="Task">
            <Item
              value={`task ${id}`}
              icon={<Hash aria-hidden />}
              onSelect={() => go(taskPath(cluster, id))}
            >
              Open task <span className="font-mono text-sm">{id}</span>
            </Item>
          </Command.Group>
        )}
        {pages.length === 0 ? null : (
          <Command.Group heading="Pages">
            {pages.map((page) => (
              <Item
                key={page.key}
                value={`page ${page.key}`}
                icon={<page.icon aria-hidden />}
                onSelect={() => go(clusterPath(cluster, page.path.slice(1)))}
              >
                {page.label}
              </Item>
            ))}
          </Command.Group>
        )}
        {clusters.length === 0 ? null : (
          <Command.Group heading="Clusters">
            {clusters.map((name) => (
              <Item
                key={name}
                value={`cluster ${name}`}
                icon={<Boxes aria-hidden />}
                onSelect={() => go(clusterPath(name))}
              >
                {name}
              </Item>
            ))}
          </Command.Group>
        )}
        {FIELDS.map(({ field, heading, icon: Icon }) =>
          known[field].length === 0 ? null : (
            <Command.Group key={field} heading={heading}>
              {known[field].map((value) => (
                <Item
                  key={value}
                  value={`${field} ${value}`}
                  icon={<Icon aria-hidden />}
                  onSelect={() => go(pathOf(field, value))}
                >
                  <span className="truncate font-mono text-sm">{value}</span>
                </Item>
              ))}
            </Command.Group>
          ),
        )}
        {wanted === '' || !parseFilter(wanted).ok ? null : (
          <Command.Group heading="Search">
            <Item
              value="filter tasks"
              icon={<Filter aria-hidden />}
              onSelect={() => go(tasksPath(cluster, wanted))}
            >
              Tasks that match <span className="truncate font-mono text-sm">{wanted}</span>
            </Item>
            {id === null && !/\s/.test(wanted) && !wanted.includes(':') ? (
              <Item
                value="open as id"
                icon={<ListTree aria-hidden />}
                onSelect={() => go(taskPath(cluster, wanted))}
              >
                Task with the id <span className="truncate font-mono text-sm">{wanted}</span>
              </Item>
            ) : null}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  );
}

function Item({
  value,
  icon,
  onSelect,
  children,
}: {
  value: string;
  icon: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-8 items-center gap-2 rounded-[5px] px-2 data-[selected=true]:bg-raised touch:min-h-10 [&_svg]:size-[15px] [&_svg]:shrink-0 [&_svg]:stroke-[1.5] [&_svg]:text-ink-3"
    >
      {icon}
      {children}
    </Command.Item>
  );
}
