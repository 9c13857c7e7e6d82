// npm start: installs and builds what is missing or stale, then becomes the server.
// Older versions of Node must get as far as the check: nothing is imported before it.
const parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 20)) {
  process.stderr.write('umbel needs Node.js 20.20 or later; this is ' + process.version + '.\n');
  process.exit(2);
}

const { serve } = await import('./lib/serve.mjs');
await serve(process.argv.slice(2));
