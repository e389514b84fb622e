import { type Document, LineCounter, parseDocument } from 'yaml';

import { type Instant, parseInstant } from '../billing/calendar/instant.ts';
import type { Catalog } from '../billing/catalog/catalog.ts';
import { describeFound } from '../billing/catalog/catalog-problem.ts';
import { catalogFromObject } from '../billing/catalog/load-catalog.ts';
import { yamlLocator } from '../billing/catalog/yaml-position.ts';
import { Refusal } from '../billing/refusal.ts';
import { isMapping, parseStep, type StepContext } from './parse-step.ts';
import type { PlacedStep, Scenario } from './scenario.ts';
import { positionOf, problemAt, type ScenarioSource } from './scenario-problem.ts';

const SCENARIO_KEYS = ['name', 'rules', 'catalog', 'start', 'steps'];

export interface ReadCatalog {
  readonly catalog: Catalog;
  readonly written: Readonly<Record<string, unknown>>;
}

/** The catalog of a file under catalogs/, or null where there is none of that name. */
export type CatalogNamed = (name: string) => ReadCatalog | null;

/**
 * Reads a scenario from YAML.
 * @param file names it in errors, which begin with `file:line:column`.
 * @throws Refusal `invalid_scenario`, `unknown_step`, `unknown_catalog`, `invalid_catalog` or `date_before_clock`.
 */
export function parseScenario(text: string, file: string, catalogNamed: CatalogNamed): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const source: ScenarioSource = { file, locate: yamlLocator(document, lines, file) };
  const [malformed] = document.errors;
  if (malformed !== undefined) {
    const { line, col } = lines.linePos(malformed.pos[0]);
    throw notYaml(`${file}:${String(line)}:${String(col)}`, malformed.message);
  }
  const written = toPlainData(document, source);
  if (!isMapping(written)) {
    throw problemAt(source, [], `expected ${SCENARIO_KEYS.join(', ')}, found ${describeFound(written)}.`);
  }
  const strange = Object.keys(written).find((key) => !SCENARIO_KEYS.includes(key));
  if (strange !== undefined) {
    throw problemAt(source, [strange], `a scenario has only ${SCENARIO_KEYS.join(', ')}.`, { atKey: true });
  }
  const start = parseStart(source, written['start']);
  const locateCatalog = yamlLocator(document, lines, file, ['catalog']);
  const catalog = parseCatalog(source, written['catalog'], catalogNamed, locateCatalog);
  return {
    name: parseName(source, written['name']),
    rules: parseRules(source, written['rules']),
    file,
    catalog: catalog.catalog,
    writtenCatalog: catalog.written,
    isCatalogInline: typeof written['catalog'] !== 'string',
    start,
    steps: parseSteps(source, written['steps'], { start, writtenCatalog: catalog.written }),
  };
}

function parseName(source: ScenarioSource, written: unknown): string {
  if (typeof written === 'string' && written.trim() !== '') return written;
  throw problemAt(
    source,
    ['name'],
    `expected what the scenario shows, in a sentence, found ${describeFound(written)}.`,
  );
}

function parseRules(source: ScenarioSource, written: unknown): readonly string[] {
  const rules: readonly unknown[] = Array.isArray(written) ? written : [];
  const isList = written === undefined || Array.isArray(written);
  const strange = rules.findIndex((rule) => typeof rule !== 'string');
  if (isList && strange === -1) return rules as readonly string[];
  const [path, found] = isList ? [['rules', strange], rules[strange]] : [['rules'], written];
  throw problemAt(source, path, `expected the numbers of rules, like [SBI-3, MON-4], found ${describeFound(found)}.`);
}

function parseStart(source: ScenarioSource, written: unknown): Instant {
  try {
    return parseInstant(written, 'start');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw problemAt(source, ['start'], error.message.replace(/^start: /, ''));
  }
}

function parseCatalog(
  source: ScenarioSource,
  written: unknown,
  catalogNamed: CatalogNamed,
  locate: ScenarioSource['locate'],
): ReadCatalog {
  if (isMapping(written)) return { catalog: catalogFromObject(written, source.file, locate), written };
  if (typeof written !== 'string') {
    const expected = 'the name of a file under catalogs/, or a whole catalog';
    throw problemAt(source, ['catalog'], `expected ${expected}, found ${describeFound(written)}.`);
  }
  const catalog = catalogNamed(written);
  if (catalog !== null) return catalog;
  throw problemAt(source, ['catalog'], `there is no catalogs/${written}.yaml.`, { code: 'unknown_catalog' });
}

function parseSteps(
  source: ScenarioSource,
  written: unknown,
  { start, writtenCatalog }: Pick<Scenario, 'start' | 'writtenCatalog'>,
): readonly PlacedStep[] {
  if (!Array.isArray(written) || written.length === 0) {
    throw problemAt(source, ['steps'], `expected a list of steps, found ${describeFound(written)}.`);
  }
  const context: StepContext = {
    source,
    accounts: accountsOf(written),
    clock: start,
    writtenCatalog,
    isExpectedToFail: false,
  };
  const steps: PlacedStep[] = [];
  for (const [index, item] of written.entries()) {
    const path = ['steps', index];
    const { step, answers } = parseStep(context, path, item);
    steps.push({ step, answers, position: positionOf(source, path) });
    if (step.kind === 'at' || step.kind === 'advance' || step.kind === 'outage') context.clock = step.to;
    if (step.kind === 'publishCatalog') context.writtenCatalog = step.writtenCatalog;
  }
  return steps;
}

/** The accounts that come to be in a scenario: where there is only one, the steps need not name it. */
function accountsOf(steps: readonly unknown[]): readonly string[] {
  const accounts = steps.flatMap((step): readonly string[] => {
    if (!isMapping(step)) return [];
    const { signup } = step;
    return isMapping(signup) && typeof signup['account'] === 'string' ? [signup['account']] : [];
  });
  return [...new Set(accounts)];
}

function toPlainData(document: Document, source: ScenarioSource): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // yaml throws here for what only shows when it is resolved: an alias without an anchor, or one that multiplies.
    if (!(error instanceof ReferenceError)) throw error;
    throw notYaml(source.locate([], false), error.message);
  }
}

function notYaml(place: string, reason: string): Refusal {
  return new Refusal({ code: 'invalid_scenario', message: `${place}: expected well-formed YAML: ${reason}` });
}
