// A process of build-pages.ts: builds the pages of a project into a directory.
import { join } from 'node:path';

import { build } from 'vite';

const [project = '', into = ''] = process.argv.slice(2);
const web = join(project, 'web');
await build({
  root: web,
  configFile: join(web, 'vite.config.ts'),
  logLevel: 'warn',
  build: { outDir: into, emptyOutDir: true },
});
