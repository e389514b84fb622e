import { readdirSync, readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { parseInstant } from '../../billing/calendar/instant.ts';
import { catalogFromObject, parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { describeMismatches, findMismatches } from '../../simulate/match-expectation.ts';
import type { Body, Outcome } from './reference-account.ts';
import { durationOf, ReferenceLife, timeOf } from './reference-life.ts';

const ROOT = new URL('../../', import.meta.url);

interface Written {
  name: string;
  catalog: string | Record<string, unknown>;
  start: string;
  steps: Record<string, unknown>[];
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}${name}`);
}

/** Every scenario of the specification, and every case worked out by hand. */
export function caseFiles(): readonly string[] {
  return [...filesOf('scenarios/'), ...filesOf('test/reference/cases/')];
}

/** The steps of a file against the model alone; what is not as the file says, a sentence each. */
export function playCase(file: string): readonly string[] {
  const written = parse(readFileSync(new URL(file, ROOT), 'utf8')) as Written;
  const life = new ReferenceLife(catalogOf(written.catalog, file), parseInstant(written.start));
  let published = typeof written.catalog === 'string' ? readCatalog(written.catalog) : written.catalog;
  const only = [...new Set(written.steps.flatMap((step) => (step['signup'] as Body | undefined)?.['account'] ?? []))];
  const problems: string[] = [];
  for (const [index, { answers, ...step }] of written.steps.entries()) {
    const [kind = ''] = Object.keys(step);
    const say = (what: string): void => {
      problems.push(`step ${index + 1} (${kind}): ${what}`);
    };
    const to = timeOf(step, life.now);
    if (to !== null) {
      life.moveTo(to);
      continue;
    }
    const body = bodyOf(step[kind], only);
    if (kind === 'publishCatalog') {
      published = changedBy(published, step[kind] as Body);
      life.publish(catalogFromObject(published, file));
    } else if (kind === 'expect') {
      const { account, ...expected } = body;
      const found = life.accounts.get(String(account))?.document();
      const mismatches = findMismatches(expected, found);
      if (mismatches.length > 0) say(describeMismatches(mismatches));
    } else if (kind === 'expectRefusal') {
      const { code, step: inner } = step[kind] as { code: string; step: Record<string, unknown> };
      const [innerKind = ''] = Object.keys(inner);
      if (['expect', 'at', 'teleport', 'signup'].includes(innerKind) && innerKind !== 'signup') continue;
      const outcome = life.play(innerKind, bodyOf(inner[innerKind], only));
      if (outcome.ok) say(`expected ${code}, but ${innerKind} was accepted`);
      else if (outcome.code !== code && outcome.limit !== code) say(`expected ${code}, found ${outcome.code}`);
    } else {
      const outcome: Outcome = life.play(kind, body);
      if (!outcome.ok) say(`refused: ${outcome.code}`);
      else if (answers !== undefined) {
        const mismatches = findMismatches(answers, outcome.answer);
        if (mismatches.length > 0) say(describeMismatches(mismatches));
      }
    }
  }
  return problems;
}

function bodyOf(written: unknown, only: readonly unknown[]): Body {
  const body = { ...(written as Record<string, unknown> | null) };
  if (body['account'] === undefined && only.length === 1) body['account'] = only[0];
  if (typeof body['expiresIn'] === 'string') body['expiresIn'] = durationOf(body['expiresIn']);
  return body;
}

function readCatalog(name: string): Record<string, unknown> {
  return parse(readFileSync(new URL(`catalogs/${name}.yaml`, ROOT), 'utf8')) as Record<string, unknown>;
}

function catalogOf(written: Written['catalog'], file: string) {
  if (typeof written !== 'string') return catalogFromObject(written, file);
  return parseCatalogYaml(readFileSync(new URL(`catalogs/${written}.yaml`, ROOT), 'utf8'), file);
}

function changedBy(before: Record<string, unknown>, changes: Body): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(changes)) {
    const present = changed[key];
    const areMappings = typeof value === 'object' && value !== null && typeof present === 'object' && present !== null;
    changed[key] = areMappings ? changedBy(present as Record<string, unknown>, value as Body) : value;
    if (value === null) Reflect.deleteProperty(changed, key);
  }
  return changed;
}
