// ioredis, a chunk of the build that is loaded only where there is a Redis.
export { Redis } from 'ioredis';
