import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { publishCatalogs, signUpDemoAccounts } from '../../stack/demo/demo-accounts.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

const TUTORIAL = fileURLToPath(new URL('../../docs/tutorial.md', import.meta.url));
const run = promisify(execFile);

interface Step {
  readonly line: number;
  readonly command: string;
  /** What its answer has, or null where nothing is shown. */
  readonly shown: unknown;
}

/** Every command of the tutorial, with the answer that stands under it. */
function steps(): readonly Step[] {
  const text = readFileSync(TUTORIAL, 'utf8');
  const found: Step[] = [];
  for (const match of text.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)) {
    const [, language, content = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const last = found.at(-1);
    if (language === 'sh') found.push({ line, command: content, shown: null });
    else if (last?.shown === null) found[found.length - 1] = { ...last, shown: JSON.parse(content) };
    else throw new Error(`line ${String(line)}: an answer without a command`);
  }
  return found;
}

/** `"…"` stands for anything; fields that are not shown may be there. */
function asMatcher(shown: unknown): unknown {
  if (shown === '…') return expect.anything();
  if (Array.isArray(shown)) return shown.map(asMatcher);
  if (typeof shown !== 'object' || shown === null) return shown;
  const fields = Object.entries(shown).map(([name, value]) => [name, asMatcher(value)]);
  return expect.objectContaining(Object.fromEntries(fields) as object);
}

describe('docs/tutorial.md', () => {
  const directory = mkdtempSync(join(tmpdir(), 'a tutorial '));
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await openApi();
    // As `npm start` has it: what the demo accounts have taken, an owner above all, is taken.
    await publishCatalogs(api.engine.perennial);
    await signUpDemoAccounts(api.engine.options);
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await api.close();
  });

  it('does what it says, from the first command to the paid invoice', async () => {
    const all = steps();
    expect(all.length).toBeGreaterThan(10);
    for (const { line, command, shown } of all) {
      const env = { ...process.env, PERENNIAL_URL: api.url, PERENNIAL_KEY: api.key };
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', command], { cwd: directory, env });
      if (shown !== null) expect(JSON.parse(stdout), `line ${String(line)}: ${command}`).toEqual(asMatcher(shown));
    }
  });
});
