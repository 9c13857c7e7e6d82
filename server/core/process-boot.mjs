// How every child process starts, as thread-boot.mjs starts threads. Ctrl+C at a terminal reaches the whole group: only the
// parent answers it, and ends us; without a parent we end by ourselves.
const entry = process.argv[2];
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
const data = await new Promise((resolve) => process.once('message', resolve));
if (entry.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { start } = await import(entry);
await start(data);
