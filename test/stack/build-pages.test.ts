import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildPages, PagesNotBuilt } from '../../stack/pages/build-pages.ts';

const project = mkdtempSync(join(tmpdir(), 'perennial project '));
const script = join(project, 'web', 'main.ts');
const said: string[] = [];
const report = (line: string): void => void said.push(line);

beforeAll(() => {
  mkdirSync(join(project, 'web'));
  writeFileSync(join(project, 'package-lock.json'), '{}');
  writeFileSync(join(project, 'web', 'vite.config.ts'), 'export default {};');
  writeFileSync(join(project, 'web', 'index.html'), '<!doctype html><script type="module" src="/main.ts"></script>');
  writeFileSync(script, 'document.title = `one ${process.env.NODE_ENV}`;');
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

function built(pages: string): string {
  const assets = join(pages, 'assets');
  return readdirSync(assets)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(assets, name), 'utf8'))
    .join('\n');
}

describe('building the pages', () => {
  it('given sources that were never built, when two ask at once, then one builds, for production, and both have them', async () => {
    const [pages, same] = await Promise.all([buildPages({ report, project }), buildPages({ report, project })]);
    expect(pages).toBe(join(project, 'dist', 'web'));
    expect(same).toBe(pages);
    expect(said).toEqual(['Building the pages …', expect.stringMatching(/^The pages are built \(\d+\.\d s\)\.$/)]);
    expect(built(pages)).toContain('one production');
    const script = readdirSync(join(pages, 'assets')).find((name) => name.endsWith('.js')) ?? '';
    const [brotli, gzip] = ['br', 'gz'].map((how) => readFileSync(join(pages, 'assets', `${script}.${how}`)));
    expect(brotliDecompressSync(brotli ?? '').toString()).toBe(built(pages));
    expect(gunzipSync(gzip ?? '').toString()).toBe(built(pages));
    said.length = 0;
    await buildPages({ report, project });
    expect(said).toEqual([]);
  });

  it('given a change that cannot be built, then it says why, the old pages stay, and the next change is built', async () => {
    writeFileSync(script, 'this is not TypeScript');
    await expect(buildPages({ report, project })).rejects.toThrow(PagesNotBuilt);
    const pages = join(project, 'dist', 'web');
    expect(built(pages)).toContain('one production');
    writeFileSync(script, 'document.title = "two";');
    await buildPages({ report, project });
    expect(built(pages)).toContain('two');
    expect(built(pages)).not.toContain('one');
    expect(readdirSync(join(project, 'dist')).sort()).toEqual(['web', 'web.digest']);
    expect(existsSync(join(pages, 'index.html'))).toBe(true);
  });
});
