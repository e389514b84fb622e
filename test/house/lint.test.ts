import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import tseslint from 'typescript-eslint';

/** The house's own rules, without those that need types: the files here do not exist. */
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../', import.meta.url)),
  overrideConfig: tseslint.configs.disableTypeChecked as ESLint.Options['overrideConfig'],
});

async function brokenRules(filePath: string, code: string): Promise<readonly (string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map((message) => message.ruleId);
}

describe('house: lint bites', { timeout: 60_000 }, () => {
  it.each([
    ['node:fs', "import { readFileSync } from 'node:fs'; readFileSync('x');"],
    ['fs/promises', "import { readFile } from 'fs/promises'; readFile('x');"],
    ['zod', "import { z } from 'zod'; z.string();"],
    ['yaml', "import { parse } from 'yaml'; parse('x');"],
    ['knex', "import { knex } from 'knex'; knex('x');"],
    ['an activity', "import { charge } from '../../activities/charge.ts'; charge();"],
  ])('given a workflow, when it imports %s, then it is refused', async (_name, code) => {
    expect(await brokenRules('workflows/account/wrong.ts', code)).toEqual(['@typescript-eslint/no-restricted-imports']);
  });

  it('given a workflow, when it imports the type of an activity, then it may', async () => {
    const code = "import type { Charge } from '../../activities/charge.ts'; export type Mine = Charge;";
    expect(await brokenRules('workflows/account/right.ts', code)).toEqual([]);
  });

  it.each(['Date.now()', 'new Date()', 'Math.random()'])(
    'CAL-4 given a rule, when it asks %s, then it is refused; elsewhere it is not',
    async (code) => {
      expect(await brokenRules('billing/trial/wrong.ts', `export const x = ${code};`)).toEqual([
        'no-restricted-syntax',
      ]);
      expect(await brokenRules('client/right.ts', `export const x = ${code};`)).toEqual([]);
    },
  );

  it('given a function of 71 lines, or a default export, when linted, then it is refused', async () => {
    const long = `export function f(): void {\n${'  void 0;\n'.repeat(68)}}\n`;
    expect(await brokenRules('client/right.ts', long)).not.toContain('max-lines-per-function');
    const longer = `export function f(): void {\n${'  void 0;\n'.repeat(69)}}\n`;
    expect(await brokenRules('client/wrong.ts', longer)).toContain('max-lines-per-function');
    expect(await brokenRules('client/wrong.ts', 'export default 1;')).toEqual(['no-restricted-exports']);
  });
});
