// A process of build-pages.ts: builds the pages of a project into a directory.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { build } from 'vite';

const [project = '', into = ''] = process.argv.slice(2);
const web = join(project, 'web');
await build({
  root: web,
  configFile: join(web, 'vite.config.ts'),
  logLevel: 'warn',
  build: { outDir: into, emptyOutDir: true },
});

const { BROTLI_PARAM_QUALITY: QUALITY } = constants;
const assets = join(into, 'assets');
// Beside what they are made of, for whoever serves them.
for (const name of readdirSync(assets).filter((each) => /\.(js|css)$/.test(each))) {
  const text = readFileSync(join(assets, name));
  writeFileSync(join(assets, `${name}.gz`), gzipSync(text, { level: 9 }));
  // The highest takes ten times as long for a few percent.
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(text, { params: { [QUALITY]: 9 } }));
}
