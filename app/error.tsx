'use client';
import { Button } from '@/components/ui/button.tsx';
import { ErrorState } from '@/components/ui/states.tsx';

export default function ErrorPage({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main id="main" className="grid min-h-dvh place-items-center">
      <ErrorState
        title="This page broke"
        detail={error.message}
        action={<Button onClick={reset}>Show it again</Button>}
      />
    </main>
  );
}
