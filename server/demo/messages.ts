// What the demo's thread and the one that started it tell each other.
import type { MessagePort } from 'node:worker_threads';

export type ToDemo = { type: 'connect'; port: MessagePort } | { type: 'run' } | { type: 'stop' };
export type FromDemo = { type: 'ready' } | { type: 'trouble'; text: string };
