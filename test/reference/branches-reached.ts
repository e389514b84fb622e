import { Session } from 'node:inspector/promises';
import { findSourceMap } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A piece of the model that nothing has run: a function, or one side of a condition. */
export interface Unreached {
  /** From the repository's root, like `test/reference/use.ts:120`. */
  readonly place: string;
  readonly text: string;
}

const MODEL = new URL('./', import.meta.url).href;
/** Files beside the model that compare, play and write: not the second opinion itself. */
const BESIDE =
  /(compare|engine-in-memory|random-lives|life-catalogs|simulate-lives|play-case|branches-reached|\.test)\.ts$/;
const LONGEST_SHOWN = 100;

/** Runs `act`, and tells which branches of the model it never reached. */
export async function branchesUnreached(act: () => void): Promise<readonly Unreached[]> {
  const session = new Session();
  session.connect();
  await session.post('Debugger.enable');
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  act();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const found: Unreached[] = [];
  for (const { scriptId, url, functions } of result) {
    if (!url.startsWith(MODEL) || BESIDE.test(url)) continue;
    const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId });
    const ranges = functions.flatMap((each) => each.ranges).filter(({ count }) => count === 0);
    for (const { startOffset, endOffset } of ranges) {
      const text = scriptSource.slice(startOffset, endOffset).replaceAll(/\s+/g, ' ').trim();
      // What keeps a name for a function is no branch of ours, nor is a lone bracket.
      if (!/\w{3}/.test(text)) continue;
      found.push({ place: placeOf(url, scriptSource, startOffset), text: text.slice(0, LONGEST_SHOWN) });
    }
  }
  session.disconnect();
  return found;
}

function placeOf(url: string, source: string, offset: number): string {
  const before = source.slice(0, offset).split('\n');
  const [line, column] = [before.length - 1, before.at(-1)?.length ?? 0];
  const path = fileURLToPath(url);
  const original = findSourceMap(path)?.findEntry(line, column);
  const originalLine = original !== undefined && 'originalLine' in original ? original.originalLine : line;
  return `${relative(process.cwd(), path)}:${String(originalLine + 1)}`;
}
