// Waits for work that may hang, for a bounded time.

/** Resolves when the work is done or `ms` passed, whatever comes first; then what becomes of it is nobody's business. */
export async function atMost(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work?.catch(() => undefined);
  }
}
