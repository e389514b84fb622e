import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { beforeAll, describe, expect, it } from 'vitest';

import { buildPages } from '../../stack/pages/build-pages.ts';

/** One file of the build, in vite's manifest. */
interface Built {
  readonly file: string;
  readonly imports?: readonly string[];
}

/** What a page may load of JavaScript before it shows anything, compressed. */
const MOST_BYTES = 200_000;
const ENTRY = 'index.html';
const OPERATOR_FRAME = 'operator/operator-frame.tsx';
const CHART = 'usage/usage-chart.tsx';
let pagesDirectory = '';
let manifest: Readonly<Record<string, Built>> = {};

beforeAll(async () => {
  pagesDirectory = await buildPages({ report: () => undefined });
  const text = readFileSync(join(pagesDirectory, '.vite', 'manifest.json'), 'utf8');
  manifest = JSON.parse(text) as Record<string, Built>;
}, 60_000);

describe('the first load of a page', () => {
  it('given the pages as they are built, then none waits for more than 200,000 bytes of gzipped JavaScript', () => {
    const sizes = pages().map((page) => ({ page, bytes: sizeOf(filesOf(page)) }));
    expect(sizes.length).toBeGreaterThanOrEqual(12);
    expect(sizes.filter(({ bytes }) => bytes > MOST_BYTES)).toEqual([]);
  });

  it('given the library of the charts, then no page waits for it', () => {
    expect([...reachedFrom([CHART])].some(isOfCharts)).toBe(true);
    expect(pages().filter((page) => [...filesOf(page)].some(isOfCharts))).toEqual([]);
  });

  it('given the dialogs, then no page waits for their frame', () => {
    expect([...reachedFrom(['billing/cap-dialog.tsx'])].some(isOfDialogs)).toBe(true);
    expect(pages().filter((page) => [...filesOf(page)].some(isOfDialogs))).toEqual([]);
  });
});

function pages(): readonly string[] {
  return Object.keys(manifest).filter((name) => name.endsWith('-page.tsx'));
}

/** What is loaded for a page: the frame that it is in, and itself. */
function filesOf(page: string): ReadonlySet<string> {
  return reachedFrom([ENTRY, page, ...(page.startsWith('operator/') ? [OPERATOR_FRAME] : [])]);
}

/** Whatever is imported there, and by what is imported, without asking. */
function reachedFrom(names: readonly string[], reached = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    const built = manifest[name];
    if (built === undefined) throw new Error(`${name} is not in the build`);
    if (reached.has(built.file)) continue;
    reached.add(built.file);
    reachedFrom(built.imports ?? [], reached);
  }
  return reached;
}

function sizeOf(files: ReadonlySet<string>): number {
  return [...files].reduce((sum, file) => sum + gzipSync(codeOf(file)).length, 0);
}

function isOfCharts(file: string): boolean {
  return codeOf(file).includes('recharts-');
}

function isOfDialogs(file: string): boolean {
  return codeOf(file).includes('ModalBase');
}

function codeOf(file: string): string {
  return readFileSync(join(pagesDirectory, file), 'utf8');
}
