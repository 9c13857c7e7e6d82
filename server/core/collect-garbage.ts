// A full collection of the calling thread's heap, for a moment that is known to be quiet. V8 collects only when more is
// allocated: a thread that falls quiet after a busy stretch would keep what that left behind for good.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // The first one may only finish what was begun; the second one gives the emptied pages back.
  collect();
}
