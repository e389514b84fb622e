import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

import { Refusal } from '../refusal.ts';
import { type Catalog, isFreePlan } from './catalog.ts';
import { type CatalogProblem, describeFound, invalidCatalog, type Locate } from './catalog-problem.ts';
import { writtenCatalog } from './catalog-schema.ts';
import { checkCatalog } from './check-catalog.ts';
import { normalizedCatalog, normalizedPlans } from './normalize-catalog.ts';
import { yamlLocator } from './yaml-position.ts';

/**
 * Reads a catalog from YAML and validates it (CAT-1).
 * @param fileName names the file in errors.
 * @throws Refusal `invalid_catalog`: every problem on a line of its own as `file:line:column: path: expected …, found …`.
 */
export function parseCatalogYaml(text: string, fileName: string): Catalog {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [malformed] = document.errors;
  if (malformed !== undefined) {
    const { line, col } = lines.linePos(malformed.pos[0]);
    throw notYaml(`${fileName}:${String(line)}:${String(col)}`, malformed.message);
  }
  const locate = yamlLocator(document, lines, fileName);
  return catalogFromObject(toPlainData(document, locate), fileName, locate);
}

/**
 * Validates a catalog that was read from somewhere else, as the inline catalog of a scenario.
 * @param where says in errors which catalog it is.
 * @param locate places a problem more exactly; see `yamlLocator`.
 * @throws Refusal `invalid_catalog`, as `parseCatalogYaml` does.
 */
export function catalogFromObject(value: unknown, where: string, locate: Locate = () => where): Catalog {
  const parsed = writtenCatalog.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, value));
    throw invalidCatalog(problems, locate);
  }
  const plans = normalizedPlans(parsed.data);
  const freePlans = Object.values(plans)
    .filter(isFreePlan)
    .map((plan) => plan.name);
  const problems = checkCatalog(parsed.data, freePlans);
  if (problems.length > 0) throw invalidCatalog(problems, locate);
  return normalizedCatalog(parsed.data, plans, freePlans[0] ?? null);
}

function toPlainData(document: ReturnType<typeof parseDocument>, locate: Locate): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // yaml throws here for what only shows when it is resolved: an alias without an anchor, or one that multiplies.
    if (!(error instanceof ReferenceError)) throw error;
    throw notYaml(locate([], false), error.message);
  }
}

function notYaml(place: string, reason: string): Refusal {
  return new Refusal({ code: 'invalid_catalog', message: `${place}: expected well-formed YAML: ${reason}` });
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown): readonly CatalogProblem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      expected: issue.message,
      found: describeFound(key),
      atKey: true,
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, expected: issue.message, found: describeFound(path.at(-1)), atKey: true }];
  }
  const found = path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], root);
  return [{ path, expected: issue.message, found: describeFound(found) }];
}
