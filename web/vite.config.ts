import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Builds the pages into dist/web. What is embedded as data: URLs, or inline in the HTML, would need a looser policy. */
export default defineConfig({
  root: here,
  plugins: [react(), withoutFloating()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // What each file is made of and loads, for whoever adds it up.
    manifest: true,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Charts are loaded when one is looked at.
    chunkSizeWarningLimit: 600,
  },
});

/**
 * Every table has Mantine's scroll area, which takes one function of ten lines from a library of 12 kB (gzip) that places menus: no page needs
 * the rest of it at first. Should the scroll area come to need more, the build says so.
 */
function withoutFloating(): Plugin {
  return {
    name: 'scroll areas without floating-ui',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '@floating-ui/react' && importer?.endsWith('/ScrollArea/ScrollArea.mjs') === true
        ? `${here}app/merge-refs.ts`
        : null,
  };
}
