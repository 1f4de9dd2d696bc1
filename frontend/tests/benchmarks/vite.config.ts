// Builds the peers' page as the viewer itself is built; OUT is a folder of the benchmark's static files.
import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vite';
import viewer from '../../vite.config';

const { resolve, worker } = viewer as { resolve: object; worker: object };

export default mergeConfig(
  { resolve, worker },
  defineConfig({
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: '/static/peers/',
    publicDir: false,
    build: {
      outDir: process.env.OUT,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4000,
    },
  }),
);
