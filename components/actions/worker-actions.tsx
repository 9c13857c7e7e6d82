'use client';

import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useSession } from '@/components/live/use-session.ts';
import { Button } from '@/components/ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu.tsx';
import type { WorkerDetail } from '@/lib/contract/worker.ts';
import { CommandDialog } from './command-dialog.tsx';
import { COMMANDS, type CommandName } from './command-draft.ts';

const GROUPS: readonly (readonly CommandName[])[] = [
  ['pool_grow', 'pool_shrink', 'autoscale', 'pool_restart'],
  ['add_consumer', 'cancel_consumer'],
  ['rate_limit', 'time_limit'],
  ['enable_events', 'disable_events'],
  ['shutdown'],
];

/** Why a command would not work on this worker now; null: nothing speaks against it. */
function whyNot(worker: WorkerDetail, command: CommandName): string | null {
  if (worker.state === 'offline') return 'It is offline';
  const support = worker.supports[command];
  if (support?.ok === false) return support.reason ?? 'Not possible here';
  if (command === 'enable_events' && worker.eventsEnabled === true)
    return 'It sends events already';
  if (command === 'disable_events' && worker.eventsEnabled === false) return 'It sends none';
  return null;
}

/** Everything that can be asked of one worker. Nothing where changes are not allowed. */
export function WorkerActions({ cluster, worker }: { cluster: string; worker: WorkerDetail }) {
  const { readOnly } = useSession();
  const [command, setCommand] = useState<CommandName | null>(null);
  if (readOnly) return null;
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button>
            Actions <ChevronDown aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent className="max-w-80">
          {GROUPS.map((group, index) => (
            <div key={group[0]} role="none">
              {index === 0 ? null : <DropdownMenuSeparator />}
              {group.map((name) => {
                const why = whyNot(worker, name);
                const { title, risk = false } = COMMANDS[name];
                return (
                  <DropdownMenuItem
                    key={name}
                    risk={risk}
                    disabled={why !== null}
                    onSelect={() => setCommand(name)}
                  >
                    <span>
                      {title}…
                      {why === null ? null : (
                        <span className="block text-sm whitespace-normal text-ink-2">{why}</span>
                      )}
                    </span>
                  </DropdownMenuItem>
                );
              })}
            </div>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      <CommandDialog
        cluster={cluster}
        hostnames={[worker.hostname]}
        worker={worker}
        command={command}
        onClose={() => setCommand(null)}
      />
    </>
  );
}
