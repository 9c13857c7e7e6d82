// Asks now and then whether somebody stored ABORTED for a task while it runs. What it does then is the caller's.

const LOOK_MS = 500;

/** Looks at once, then twice a second; ends itself when it was so. Answers how to end it before. */
export function watchAborted(isAborted: () => Promise<boolean>, onAborted: () => void): () => void {
  let isOver = false;
  let timer: NodeJS.Timeout | null = null;
  const look = async (): Promise<void> => {
    const isSo = await isAborted().catch(() => false);
    if (isOver) return;
    if (isSo) onAborted();
    else timer = setTimeout(() => void look(), LOOK_MS);
  };
  void look();
  return () => {
    isOver = true;
    if (timer !== null) clearTimeout(timer);
  };
}
