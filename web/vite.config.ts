import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

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

export default defineConfig({
  base: '/',
  plugins: [react()],
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
