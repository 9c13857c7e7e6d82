// What carries tasks: a thread of this process, or a child process. Both load the module of tasks, take messages and may end
// at any moment; whoever holds one is told. It must not know what the messages mean.
import type { FromCarrier, ToCarrier } from './messages.ts';
import type { Gate } from './gate.ts';
import type { TaskPlace } from './task-place.ts';

export interface Carrier {
  /** The operating system's number of a child process; of a thread its own, with `isProcess` false. */
  readonly number: number;
  readonly isProcess: boolean;
  readonly gone: Promise<void>;
  post(message: ToCarrier): void;
  /** Ends it now, whatever it is doing. A process gets the signal. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export type CarrierEvents = {
  onMessage: (message: FromCarrier) => void;
  /** Called once. */
  onGone: (reason: string) => void;
};

export type CarrierOptions = {
  place: TaskPlace;
  maxHeapMb: number | null;
  /** Of a thread that starts jobs in their order, each as the gate allows; without one each starts as it comes. */
  gate: Gate | null;
};
