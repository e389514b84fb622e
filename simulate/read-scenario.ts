import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { parseCatalogYaml } from '../billing/catalog/load-catalog.ts';
import { Refusal } from '../billing/refusal.ts';
import { parseScenario, type ReadCatalog } from './parse-scenario.ts';
import type { Scenario } from './scenario.ts';

const CATALOG_NAME = /^[a-z][a-z0-9_-]*$/;

/**
 * Reads a scenario's file, and the catalog that it names.
 * @throws Refusal when the file cannot be read or is not a scenario.
 */
export function readScenario(file: string, catalogsDirectory: string): Scenario {
  return parseScenario(readText(file), file, (name) => readCatalog(name, catalogsDirectory));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new Refusal({ code: 'invalid_scenario', message: `${file}: ${reason}.` });
  }
}

function readCatalog(name: string, directory: string): ReadCatalog | null {
  const file = join(directory, `${name}.yaml`);
  // The pattern keeps a name from leaving the directory.
  if (!CATALOG_NAME.test(name) || !existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const catalog = parseCatalogYaml(text, `catalogs/${name}.yaml`);
  return { catalog, written: parse(text) as ReadCatalog['written'] };
}
