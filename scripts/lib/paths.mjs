import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const nodeModules = resolve(root, 'node_modules');
export const cacheDir = resolve(nodeModules, '.cache/umbel');

export const inRoot = (...parts) => resolve(root, ...parts);
