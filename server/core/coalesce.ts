// Gathers single requests into one: all of a turn of the event loop, and all that come while an answer is awaited, go together. It must not
// know what is asked for.

type Waiting<T, R> = { item: T; resolve: (answer: R) => void; reject: (error: unknown) => void };

const MOST_AT_ONCE = 200;

/**
 * `ask` answers in the order of the items. What it rejects with, each of them gets. `isPrompt`: what comes first does not wait for the rest of
 * its turn.
 */
export function coalesce<T, R>(
  ask: (items: readonly T[]) => Promise<readonly R[]>,
  { isPrompt = false } = {},
): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = [];
  let isBusy = false;

  const next = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(MOST_AT_ONCE);
      try {
        const answers = await ask(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, at) => resolve(answers[at] as R));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isBusy = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      if (isPrompt) void next();
      else setImmediate(() => void next());
    });
}
