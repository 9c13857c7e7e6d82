export * from './api.ts';
export * from './control.ts';
export * from './errors.ts';
export * from './live.ts';
export * from './overview.ts';
export * from './queue.ts';
export * from './task.ts';
export * from './worker.ts';
