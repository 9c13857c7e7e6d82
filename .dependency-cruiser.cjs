// The rooms of the house and the doors between them. A room may import itself and what is listed here.
const mayImport = {
  app: ['components', 'lib'],
  components: ['lib'],
  lib: [],
  'server/core': ['lib'],
  'server/celery': ['lib'],
  'server/broker': ['server/celery', 'server/core', 'lib'],
  'server/backend': ['server/broker', 'server/celery', 'server/core', 'lib'],
  'server/store': ['server/celery', 'server/core', 'lib'],
  'server/collector': [
    'server/broker',
    'server/backend',
    'server/store',
    'server/celery',
    'server/core',
    'lib',
  ],
  'server/control': [
    'server/broker',
    'server/backend',
    'server/store',
    'server/celery',
    'server/core',
    'lib',
  ],
  'server/web': ['server/store', 'server/control', 'server/core', 'lib'],
  'server/client': ['server/broker', 'server/backend', 'server/celery', 'server/core', 'lib'],
  'server/worker': [
    'server/client',
    'server/broker',
    'server/backend',
    'server/celery',
    'server/core',
    'lib',
  ],
  'server/beat': [
    'server/client',
    'server/broker',
    'server/backend',
    'server/celery',
    'server/core',
    'lib',
  ],
  // The demo brings its own embedded broker, and composes connections as an application would.
  'server/demo': [
    'server/client',
    'server/worker',
    'server/beat',
    'server/broker',
    'server/backend',
    'server/core',
    'lib',
  ],
};

const ours = '^(app|components|lib|server|e2e|bench|scripts|examples)/';
const tests = '\\.(test|contract)\\.tsx?$';
const under = (rooms) => `^(${rooms.join('|')})/`;

const rooms = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `${room.replace('/', '-')}-may-import`,
  comment:
    (allowed.length
      ? `${room}/ may import ${allowed.join(', ')}`
      : `${room}/ imports no other room`) +
    '. If it needs something of another room, declare the interface here and let server/app.ts hand ' +
    'the object in; values that both sides share belong in lib/.',
  severity: 'error',
  from: { path: `^${room}/`, pathNot: tests },
  to: { path: ours, pathNot: under([room, ...allowed]) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'server-knows-no-pages',
      comment:
        'The server half never imports the browser half, not in tests either: put what both need in lib/contract.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(app|components)/' },
    },
    {
      name: 'pages-know-no-server',
      comment:
        'The browser half never imports the server half, not in tests either: put what both need in lib/contract.',
      severity: 'error',
      from: { path: '^(app|components)/' },
      to: { path: '^server/' },
    },
    {
      name: 'server-doors',
      comment:
        'server/main.ts, app.ts and cli/ compose the rooms. Nothing inside a room may import them: take what is needed as an argument.',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot: [tests, '^server/cli/', '^server/[^/]+$'],
      },
      to: { path: ['^server/cli/', '^server/[^/]+$'] },
    },
    {
      name: 'server-rooms-are-named',
      comment: 'A new room under server/ needs its line in the table of .dependency-cruiser.cjs.',
      severity: 'error',
      from: {
        path: '^server/[^/]+/',
        pathNot: `^(server/cli|${Object.keys(mayImport).join('|')})/`,
      },
      to: {},
    },
    {
      name: 'no-tests-in-production',
      comment:
        'Only tests, e2e/ and bench/ use tests, fixtures and benchmarks: move what is shared out of there.',
      severity: 'error',
      from: { path: '^(app|components|lib|server|scripts)/', pathNot: tests },
      to: { path: ['^(e2e|bench)/', tests] },
    },
    {
      name: 'recharts-in-charts',
      comment: 'Import a chart of components/charts instead of recharts.',
      severity: 'error',
      from: { pathNot: '^components/charts/' },
      to: { path: 'node_modules/recharts/' },
    },
    {
      name: 'sqlite-in-store',
      comment:
        "Only server/store opens SQLite: ask the store through its interface. Celery's own result tables are the backend's.",
      severity: 'error',
      from: {
        path: '^(app|components|lib|server)/',
        pathNot: ['^server/store/', '^server/backend/database-', tests],
      },
      to: { path: 'node_modules/(@types/)?better-sqlite3/' },
    },
    {
      name: 'celery-is-pure',
      comment:
        'server/celery turns values into values: open sockets, files and threads in broker/ or backend/.',
      severity: 'error',
      from: { path: '^server/celery/', pathNot: tests },
      to: {
        path: [
          '^(node:)?(net|tls|http|https|http2|fs|fs/promises|child_process|worker_threads|dns)$',
          'node_modules/(@types/)?(ioredis|amqplib)/',
        ],
      },
    },
    {
      name: 'lib-runs-anywhere',
      comment:
        'lib/ also runs in the browser: no modules of Node here, move the code to server/core.',
      severity: 'error',
      from: { path: '^lib/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What runs in production must be in "dependencies": npm install <name> --save-prod.',
      severity: 'error',
      from: {
        path: '^(app|components|lib|server)/',
        pathNot: [tests, '^server/core/(thread|pool|process)-boot\\.mjs$'],
      },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only', 'npm'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'The package is not in package.json: npm install it, or use one that is.',
      severity: 'error',
      from: { path: ours },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      comment:
        'The import leads nowhere: check the path, its .ts ending, and that the package is installed.',
      severity: 'error',
      from: { path: ours },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment:
        'Modules import each other in a circle: move what both need into a third file below them.',
      severity: 'error',
      from: { path: ours },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.next)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
    cache: { folder: 'node_modules/.cache/umbel/dependency-cruiser', strategy: 'content' },
  },
};
