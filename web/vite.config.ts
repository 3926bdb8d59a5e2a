import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// In development the pages come from Vite and everything else from a gateway that runs beside it.
const gateway = process.env.GRANTWAY_DEV_PROXY;
const proxied = [
  '/graphql',
  '/api',
  '/oauth',
  '/.well-known',
  '/mcp-connect',
  '/health',
  '/authorize',
  '/token',
  '/register',
];

// Compressed once, here, as far as it goes: the server hands out what lies beside a file, and compresses nothing itself.
const compress: Plugin = {
  name: 'compress',
  apply: 'build',
  writeBundle: ({ dir = '' }, bundle) => {
    for (const name of Object.keys(bundle).filter((one) => /\.(js|css|svg)$/.test(one))) {
      const file = join(dir, name);
      const bytes = readFileSync(file);
      const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
      const forms = { br: brotliCompressSync(bytes, { params }), gz: gzipSync(bytes, { level: 9 }) };
      for (const [suffix, small] of Object.entries(forms))
        if (small.length < bytes.length) writeFileSync(`${file}.${suffix}`, small);
    }
  },
};

export default defineConfig({
  base: '/',
  plugins: [react(), compress],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    // No data: URLs for scripts or styles, so that the content security policy can stay strict.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: gateway ? Object.fromEntries(proxied.map((path) => [path, { target: gateway, ws: true }])) : {},
  },
});
