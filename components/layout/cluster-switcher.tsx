'use client';
import { ChevronsUpDown } from 'lucide-react';
import { useGo } from '@/components/live/use-go.ts';
import { clusterPath } from '@/components/live/paths.ts';
import { useSession } from '@/components/live/use-session.ts';
import { useClusterStatus } from '@/components/live/use-status.ts';
import { Badge } from '@/components/ui/badge.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu.tsx';

const box =
  'mb-3 flex h-[35px] w-full items-center gap-2 rounded-lg border border-line bg-panel px-2.5 text-left';

/** Which cluster this is; a menu when there are several. */
export function ClusterSwitcher({ cluster }: { cluster: string }) {
  const go = useGo();
  const { session } = useSession();
  const { data } = useClusterStatus(cluster);
  const clusters = session?.clusters ?? [cluster];
  const face = (
    <>
      <span className="truncate font-semibold">{cluster}</span>
      {data?.demo === true && cluster !== 'demo' ? <Badge tone="info">demo</Badge> : null}
      {data === undefined ? null : (
        <Badge className="ml-auto font-medium">
          {{ redis: 'Redis', amqp: 'RabbitMQ', memory: 'embedded' }[data.brokerKind]}
        </Badge>
      )}
    </>
  );
  if (clusters.length < 2) return <div className={box}>{face}</div>;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className={`${box} hover:bg-raised`} aria-label={`Cluster: ${cluster}`}>
        {face}
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 stroke-[1.5] text-ink-3" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-[192px]">
        <DropdownMenuRadioGroup value={cluster} onValueChange={(next) => go(clusterPath(next))}>
          {clusters.map((name) => (
            <DropdownMenuRadioItem key={name} value={name}>
              <span className="truncate">{name}</span>
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => go('/')}>All clusters</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
