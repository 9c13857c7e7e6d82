// What both ends of the way to an embedded broker need of it: a MessagePort in this process, a socket between processes.

export interface BrokerPort {
  /** Plain data, as structured cloning takes it. */
  postMessage(message: unknown): void;
  /** `message`. */
  on(event: string, listener: (message: unknown) => void): unknown;
  /** `close`. */
  once(event: string, listener: () => void): unknown;
  close(): void;
}
