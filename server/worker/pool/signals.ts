// The signal that a `revoke` or `terminate` names (`SIGKILL`, `KILL`, `9`), for a pool process. One that would only wake Node's debugger, or
// that does not exist, becomes SIGTERM.
import { constants } from 'node:os';

const KILLING: ReadonlySet<string> = new Set([
  'SIGTERM',
  'SIGKILL',
  'SIGQUIT',
  'SIGABRT',
  'SIGHUP',
  'SIGALRM',
]);

export function toSignal(text: string): NodeJS.Signals {
  const byNumber = Object.entries(constants.signals).find(([, number]) => String(number) === text);
  const upper = text.toUpperCase();
  const name = byNumber?.[0] ?? (upper.startsWith('SIG') ? upper : `SIG${upper}`);
  return KILLING.has(name) ? (name as NodeJS.Signals) : 'SIGTERM';
}
