// The base path is a sentinel in the build and replaced when the server starts (server/web/pages.ts), because Next fixes it at
// build time while Umbel takes it as a flag. The server sets both variables before it loads Next.
const basePath = process.env.UMBEL_PAGES_BASE_PATH ?? '/__umbel_base__';

/** @type {import('next').NextConfig} */
export default {
  basePath,
  env: { NEXT_PUBLIC_BASE_PATH: basePath },
  distDir: process.env.UMBEL_PAGES_DIST_DIR ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  compress: false,
  images: { unoptimized: true },
  typescript: { ignoreBuildErrors: true },
  experimental: { optimizePackageImports: ['lucide-react', 'recharts', 'radix-ui'] },
};
