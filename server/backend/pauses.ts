// Pauses that the closing of a backend ends.

export interface Pauses {
  /** False when it is closed. */
  readonly pause: (ms: number) => Promise<boolean>;
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
    pause: (ms) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          ends.delete(end);
          resolve(!isClosed);
        };
        const timer = setTimeout(end, isClosed ? 0 : ms);
        ends.add(end);
      }),
    close: () => {
      isClosed = true;
      for (const end of [...ends]) end();
    },
  };
}
