import Link from 'next/link';
import { Button } from '@/components/ui/button.tsx';
import { EmptyState } from '@/components/ui/states.tsx';

export default function NotFound() {
  return (
    <main id="main" className="grid min-h-dvh place-items-center">
      <EmptyState
        title={<h1>There is no such page</h1>}
        action={
          <Button asChild>
            <Link href="/">To the clusters</Link>
          </Button>
        }
      >
        The address may be mistyped, or from another version.
      </EmptyState>
    </main>
  );
}
