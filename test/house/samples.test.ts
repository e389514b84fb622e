import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { parseScenario, type ReadCatalog } from '../../simulate/parse-scenario.ts';
import { SampleCommands } from './sample-commands.ts';
import { typeProblems } from './sample-types.ts';
import { commandsOf, inlineCode, pagesOf, type Sample, samplesOf } from './samples.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const pages = pagesOf(ROOT);
const samples = pages.flatMap((page) => page.samples);
const commands = new SampleCommands(ROOT);

const inLanguage = (...languages: readonly string[]): readonly Sample[] =>
  samples.filter(({ language, notChecked }) => languages.includes(language) && notChecked === null);

/** Each sample that a check finds something wrong with, with what it is. */
async function problems(
  of: readonly Sample[],
  check: (sample: Sample) => Promise<string | null> | string | null,
): Promise<readonly string[]> {
  const found = await Promise.all(
    of.map(async (sample) => {
      const problem = await Promise.resolve(sample).then(check).catch(String);
      return problem === null ? [] : [`${sample.file}:${String(sample.line)}: ${problem}`];
    }),
  );
  return found.flat();
}

function catalogNamed(name: string): ReadCatalog | null {
  const file = join(ROOT, 'catalogs', `${name}.yaml`);
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  return { catalog: parseCatalogYaml(text, file), written: parse(text) as ReadCatalog['written'] };
}

/** A catalog, a scenario, or some steps of one. */
function parseYaml({ file, text }: Sample): null {
  const document: unknown = parse(text);
  const isCatalog = typeof document === 'object' && document !== null && 'plans' in document;
  if (isCatalog) parseCatalogYaml(text, file);
  else parseScenario(Array.isArray(document) ? `${BEGINNING}${indented(text)}` : text, file, catalogNamed);
  return null;
}

const BEGINNING = `name: steps\ncatalog: qodo\nstart: 2027-01-01T00:00:00Z\nsteps:\n  - signup: { account: acme, owner: ada }\n`;
const indented = (steps: string): string => (steps.startsWith('  ') ? steps : steps.replaceAll(/^/gm, '  '));

async function shellProblem(text: string): Promise<string | null> {
  for (const words of commandsOf(text)) {
    const problem = await commands.problemOf(words);
    if (problem !== null) return problem;
  }
  return null;
}

/** A route, a script or a command within a line; of a script its name alone, because a placeholder may come after it. */
async function inlineProblem(code: string): Promise<string | null> {
  const route = /^(?<method>GET|POST|PUT|PATCH|DELETE) (?<path>\/v1\/\S*)$/.exec(code)?.groups;
  if (route !== undefined) return commands.problemOfRoute(route['method'] ?? '', route['path'] ?? '');
  const script = /^npm run (?:-s )?(?<name>[\w:-]+)/.exec(code)?.groups?.['name'];
  if (script !== undefined) return commands.problemOfScript(script);
  return /^(npm (ci|test|start)|npx .*|perennial [a-z].*)$/.test(code) ? shellProblem(code) : null;
}

describe('what the pages show', () => {
  it('given a sample, then its language is one that is checked, or it says out of sight why it is not; few do', () => {
    // Neither text nor a drawing is code.
    const known = ['ts', 'yaml', 'json', 'sh', 'text', 'mermaid'];
    const unchecked = samples.filter(({ notChecked }) => notChecked !== null);
    const unknown = samples.filter(({ language, notChecked }) => notChecked === null && !known.includes(language));
    expect(unknown.map(({ file, line, language }) => `${file}:${String(line)}: "${language}"`)).toEqual([]);
    expect(unchecked.length).toBeLessThanOrEqual(3);
  });

  it('given TypeScript, then it compiles in this project', { timeout: 300_000 }, () => {
    expect(inLanguage('ts').length).toBeGreaterThan(1);
    expect(typeProblems(ROOT, inLanguage('ts'))).toEqual([]);
  });

  it('given YAML, then it is a catalog, a scenario, or steps of one', async () => {
    expect(inLanguage('yaml').length).toBeGreaterThan(2);
    expect(await problems(inLanguage('yaml'), parseYaml)).toEqual([]);
  });

  it('given JSON, then it can be read', async () => {
    const unreadable = await problems(inLanguage('json'), ({ text }) =>
      JSON.parse(text) === undefined ? 'empty' : null,
    );
    expect(unreadable).toEqual([]);
  });

  it('given shell, then each command, option, script, file and route is there', async () => {
    expect(inLanguage('sh').length).toBeGreaterThan(20);
    expect(await problems(inLanguage('sh'), ({ text }) => shellProblem(text))).toEqual([]);
  });

  it('given a command or a route within a line, then it is there', async () => {
    const wrong = pages.map(async ({ file, text }) => {
      const found = await Promise.all(inlineCode(text).map((code) => inlineProblem(code)));
      return found.flatMap((problem) => (problem === null ? [] : [`${file}: ${problem}`]));
    });
    expect((await Promise.all(wrong)).flat()).toEqual([]);
  });
});

describe('the check of what the pages show', () => {
  it.each([
    ['npm run chekc', 'package.json has no script chekc'],
    ['npm run -s perennial -- seets add acme 1', "unknown command 'seets'"],
    ['npm run -s perennial -- seats add acme', 'missing required argument'],
    ['npm run -s perennial -- status acme --jsn', "unknown option '--jsn'"],
    ['npm run -s simulate -- scenarios/04-*.yaml --timer', "Unknown option '--timer'"],
    ['npm run -s simulate -- scenarios/none.yaml', 'there is no such file'],
    ['npx vitest test/billing/mony', 'there is no test/billing/mony'],
    ['curl -X PUT "$PERENNIAL_URL/v1/signups" -d \'{}\'', '/v1/signups has no PUT'],
    ['curl https://billing.example.com/v1/sign-ups', 'there is no route /v1/sign-ups'],
    ['temporal workflow signal --workflow-id account/acme --name addSeets', 'there is no signal addSeets'],
    ['temporal workflow start --workflow-type accountsWorkflow', 'there is no workflow accountsWorkflow'],
    ['node --import tsx nowhere/main.ts', 'there is no nowhere/main.ts'],
    ['rails server', 'nothing is known of rails'],
  ])('given %s, then it is found', async (line, problem) => {
    expect(await shellProblem(line)).toContain(problem);
  });

  it('given TypeScript that takes what is not there, then it is found, at its line', () => {
    const page = "a\n\n```ts\nimport { parseInstance } from './billing/calendar/instant.ts';\n```\n";
    const problem: unknown = expect.stringMatching(/^a\.md:4: .* no exported member named 'parseInstance'/);
    expect(typeProblems(ROOT, samplesOf('a.md', page))).toEqual([problem]);
  });

  it('given a comment, a document that is put in, quotes and two commands in a line, then the words are those of a shell', () => {
    const shell =
      'A=1 npm ci && cat > x <<END # as ever\nnpm run none\nEND\ncurl "$URL/a b" \\\n  -d \'{"a": 1}\'   # done\n';
    expect(commandsOf(shell)).toEqual([['A=1', 'npm', 'ci'], ['cat'], ['curl', '$URL/a b', '-d', '{"a": 1}']]);
  });

  it('given a comment before a sample, then it says why it is not checked, or what it takes for granted', () => {
    const page =
      '<!-- not checked: a reason -->\n```sql\nselect 1;\n```\n\n<!-- given: declare const a: string; -->\n```ts\na;\n```\n';
    expect(samplesOf('a.md', page)).toMatchObject([
      { line: 2, language: 'sql', notChecked: 'a reason', given: '' },
      { line: 7, language: 'ts', notChecked: null, given: 'declare const a: string;' },
    ]);
  });
});
