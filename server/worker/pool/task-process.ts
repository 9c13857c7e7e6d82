// A pool process. Its memory is what it occupies.
import type { ToCarrier } from './messages.ts';
import { startRunner } from './task-runner.ts';
import type { TaskPlace } from './task-place.ts';

export async function start({ place }: { place: TaskPlace }): Promise<void> {
  await startRunner(
    {
      send: (message) => process.send?.(message),
      onMessage: (listener) => {
        process.on('message', (message) => {
          listener(message as ToCarrier);
        });
      },
      memoryBytes: () => process.memoryUsage.rss(),
    },
    place,
  );
}
