// Serves the Next.js pages. Next fixes its base path when it builds; the build carries a sentinel, and a copy with the real base path in
// its place is made once per build and base path (docs/adr/0002-base-path.md). It knows nothing of clusters: data reach the pages by API.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import path from 'node:path';
import { AppError } from '../core/errors.ts';
import { setPagesEnvironment } from '../core/env.ts';

export const BASE_PATH_SENTINEL = '/__umbel_base__';

const TEXT_FILES = /\.(js|cjs|mjs|json|html|css|rsc|txt|map|meta|body|segment\.rsc)$/;

export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

export type PagesOptions = {
  dev: boolean;
  /** '' or '/umbel'. */
  basePath: string;
  /** The folder of package.json and the build. */
  rootDir: string;
  /** Where a copy may be written when the package's own folder is read-only. */
  dataDir: string;
};

/** Loads Next. Throws bad_configuration when the pages were never built. */
export async function createPages(options: PagesOptions): Promise<Pages> {
  const distDir = options.dev ? '.next-dev' : await materialize(options);
  setPagesEnvironment({
    basePath: options.basePath,
    distDir: path.relative(options.rootDir, path.resolve(options.rootDir, distDir)),
    dev: options.dev,
  });
  const { default: next } = await import('next');
  const create = next as unknown as (settings: object) => NextServer;
  const app = create({ dev: options.dev, dir: options.rootDir, quiet: !options.dev });
  await app.prepare();
  const handle = app.getRequestHandler();
  const upgrade = app.getUpgradeHandler();
  return {
    handle: (request, response) => handle(request, response),
    upgrade: (request, socket, head) => {
      upgrade(request, socket, head).catch(() => socket.destroy());
    },
    close: () => app.close(),
  };
}

interface NextServer {
  prepare(): Promise<void>;
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  getUpgradeHandler(): (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
  close(): Promise<void>;
}

/** The folder of a build whose sentinel is replaced by `basePath`; made when it is not there yet. */
export async function materialize(options: Omit<PagesOptions, 'dev'>): Promise<string> {
  const built = path.join(options.rootDir, '.next');
  const buildId = await readFile(path.join(built, 'BUILD_ID'), 'utf8').catch(() => null);
  if (buildId === null) {
    throw new AppError(
      'bad_configuration',
      'The pages are not built. Run `npm run build` once, or start with `npm start`.',
    );
  }
  const name = createHash('sha256')
    .update(`${buildId.trim()} ${options.basePath}`)
    .digest('hex')
    .slice(0, 16);
  const candidates = [
    path.join(options.rootDir, 'dist', 'pages'),
    path.join(options.dataDir, 'pages'),
  ];
  for (const parent of candidates) {
    const target = path.join(parent, name);
    if (await exists(path.join(target, 'BUILD_ID'))) return target;
  }
  for (const parent of candidates) {
    try {
      return await copyBuild(built, parent, name, options.basePath);
    } catch (error) {
      if (parent === candidates.at(-1)) throw error;
    }
  }
  throw new AppError('internal', 'No folder for the pages could be written.');
}

async function copyBuild(
  built: string,
  parent: string,
  name: string,
  basePath: string,
): Promise<string> {
  await mkdir(parent, { recursive: true });
  const target = path.join(parent, name);
  const draft = `${target}.${process.pid}`;
  await cp(built, draft, {
    recursive: true,
    filter: (source) => !/[\\/]\.next[\\/](cache|trace|diagnostics|dev)/.test(source),
  });
  await replaceSentinel(draft, basePath);
  if (await exists(path.join(target, 'BUILD_ID'))) {
    // Another process made the same copy meanwhile, and may already serve it.
    await rm(draft, { recursive: true, force: true });
    return target;
  }
  await rm(target, { recursive: true, force: true });
  await rename(draft, target).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(path.join(target, 'BUILD_ID')))) throw error;
  });
  return target;
}

async function replaceSentinel(dir: string, basePath: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) {
      await replaceSentinel(file, basePath);
      continue;
    }
    if (!TEXT_FILES.test(entry.name)) continue;
    const text = await readFile(file, 'utf8');
    if (!text.includes('__umbel_base__')) continue;
    await writeFile(file, withBasePath(text, basePath));
  }
}

/** Also the spelling with escaped slashes (`\/__umbel_base__`), as regular expressions in manifests have it. */
export function withBasePath(text: string, basePath: string): string {
  return text
    .replaceAll('\\\\/__umbel_base__', basePath.replaceAll('/', '\\\\/'))
    .replaceAll('\\/__umbel_base__', basePath.replaceAll('/', '\\/'))
    .replaceAll(BASE_PATH_SENTINEL, basePath);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
