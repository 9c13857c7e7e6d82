// A timer for any time: Node's own fires at once when it is asked for more than 24.8 days.

const MOST_MS = 2 ** 31 - 1;

/** Answers how to end it. */
export function after(ms: number, work: () => void): () => void {
  let timer: NodeJS.Timeout;
  const start = (left: number) => {
    timer = setTimeout(
      () => {
        if (left > MOST_MS) start(left - MOST_MS);
        else work();
      },
      Math.min(Math.max(0, left), MOST_MS),
    );
  };
  start(ms);
  return () => {
    clearTimeout(timer);
  };
}
