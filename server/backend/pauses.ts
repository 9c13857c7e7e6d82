// Pauses that the closing of a backend ends, or whoever does not want to wait any more.

/** False when nobody is to wait any more. */
export type Pause = (ms: number, hurry?: AbortSignal) => Promise<boolean>;

export interface Pauses {
  readonly pause: Pause;
  readonly isClosed: boolean;
  readonly close: () => void;
}

export function createPauses(): Pauses {
  const ends = new Set<() => void>();
  let isClosed = false;
  return {
    get isClosed() {
      return isClosed;
    },
    pause: (ms, hurry) =>
      new Promise((resolve) => {
        const isOver = () => isClosed || hurry?.aborted === true;
        const end = () => {
          clearTimeout(timer);
          ends.delete(end);
          hurry?.removeEventListener('abort', end);
          resolve(!isOver());
        };
        const timer = setTimeout(end, isOver() ? 0 : ms);
        ends.add(end);
        hurry?.addEventListener('abort', end);
      }),
    close: () => {
      isClosed = true;
      for (const end of [...ends]) end();
    },
  };
}
