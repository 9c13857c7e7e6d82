'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { z } from 'zod';
import { apiPost, toMessage } from '@/components/live/api.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useSession } from '@/components/live/use-session.ts';
import { Button } from '@/components/ui/button.tsx';
import { formatCount } from '@/lib/format/number.ts';

/** Takes workers that are gone off the list. They come back by themselves when they are heard again. */
export function ForgetOffline({
  cluster,
  hostnames,
  label,
}: {
  cluster: string;
  hostnames: readonly string[];
  label?: string;
}) {
  const { readOnly } = useSession();
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: async () => {
      for (const hostname of hostnames) {
        await apiPost(
          apiPath(cluster, `workers/${encodeURIComponent(hostname)}/forget`),
          {},
          z.unknown(),
        );
      }
      return hostnames.length;
    },
    onSuccess: async (count) => {
      toast.success(`${formatCount(count)} forgotten`);
      for (const hostname of hostnames) {
        await client.resetQueries({ queryKey: ['worker', cluster, hostname] });
      }
    },
    onError: (error) => toast.error('Not forgotten', { description: toMessage(error) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['workers', cluster] }),
  });
  if (readOnly || hostnames.length === 0) return null;
  return (
    <Button
      disabled={forget.isPending}
      onClick={() => forget.mutate()}
      title="They come back by themselves when they are heard again"
    >
      {forget.isPending
        ? 'Forgetting…'
        : (label ?? `Forget ${formatCount(hostnames.length)} offline`)}
    </Button>
  );
}
