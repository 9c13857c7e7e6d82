'use client';

import { useQuery } from '@tanstack/react-query';
import { session, type Session } from '@/lib/contract/api.ts';
import { apiGet } from './api.ts';

/** Who is looking and what they may do. Until that is known, `readOnly` counts as true. */
export function useSession(): {
  session: Session | undefined;
  readOnly: boolean;
  error: Error | null;
} {
  const query = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => apiGet('/session', session, signal),
    staleTime: 60_000,
  });
  return { session: query.data, readOnly: query.data?.readOnly ?? true, error: query.error };
}
