import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv, type ValidateFunction } from 'ajv';

/** Where Stripe's own OpenAPI document is published in a form that a package registry has. MIT licence; nothing of it is kept here. */
const MODULE = 'github.com/stripe/stripe-mock@v0.203.0';
const PATH_IN_MODULE = join('embedded', 'openapi', 'spec3.json');

type Schema = Record<string, unknown>;
interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface OpenApi {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface ApiDocument {
  readonly version: string;
  /** What is wrong with an answer of the API; empty when nothing is. */
  readonly problemsOf: (answer: { method: string; path: string; status: number; body: unknown }) => string[];
}

/** The objects that the sandbox has. Where the document allows another one (a subscription, a bank account), it cannot be. */
const RESOURCES = new Set([
  'charge',
  'checkout.session',
  'credit_note',
  'credit_note_line_item',
  'customer',
  'deleted_customer',
  'deleted_invoice',
  'deleted_webhook_endpoint',
  'event',
  'invoice',
  'invoice_payment',
  'line_item',
  'payment_intent',
  'payment_method',
  'refund',
  'setup_intent',
  'webhook_endpoint',
]);

/** What the document says about ways to pay other than a card: a third of what is to be compiled, and the sandbox has none. */
const OTHER_METHODS =
  /^(payment_method(_details|_options)?|(payment_intent|setup_intent|invoice|checkout)_payment_method_options|payment_flows_private_payment_methods)_(?!card|details|options)/;

/** Loads the document through Go's module cache (a second the first time, then from disk). */
export async function loadApiDocument(): Promise<ApiDocument> {
  const document = JSON.parse(await readFile(await documentPath(), 'utf8')) as OpenApi;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const { schemas } = document.components;
  const isAbsent = (name: string) =>
    OTHER_METHODS.test(name) || (schemas[name]?.['x-resourceId'] !== undefined && !RESOURCES.has(name));
  ajv.addSchema({ $id: 'stripe', definitions: eachClosed(schemas, isAbsent) });
  const compiled = new Map<string, ValidateFunction>();
  const templates = Object.keys(document.paths).map((template) => ({ template, pattern: patternOf(template) }));

  const validatorFor = (method: string, path: string, status: number): ValidateFunction => {
    const template = templates.find(({ pattern }) => pattern.test(path))?.template;
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) throw new Error(`The document has no ${method} ${path}.`);
    const key = `${method} ${template} ${status === 200 ? '200' : 'default'}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const schema = operation.responses[status === 200 ? '200' : 'default']?.content?.['application/json']?.schema;
    if (schema === undefined) throw new Error(`The document has no answer for ${key}.`);
    const validate = ajv.compile(closed(schema, isAbsent) as Schema);
    compiled.set(key, validate);
    return validate;
  };

  return {
    version: document.info.version,
    problemsOf: ({ method, path, status, body }) => {
      const validate = validatorFor(method, path, status);
      if (validate(body)) return [];
      return mostTelling(validate);
    },
  };
}

async function documentPath(): Promise<string> {
  // Outside the project: `go mod download` must not look for a go.mod of ours.
  const directory = await mkdtemp(join(tmpdir(), 'stripe-document-'));
  try {
    const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', MODULE], { cwd: directory });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    return join(Dir, PATH_IN_MODULE);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `This test checks the sandbox against Stripe's OpenAPI document, which it takes from the Go module ${MODULE}. ` +
        `Install Go (https://go.dev/dl, any version from 1.21) and let it reach a module proxy (GOPROXY). The attempt said: ${reason}`,
      { cause: error },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `/v1/invoices/{invoice}/lines` as a pattern. Fixed words are preferred by the order of the document (`/search` first). */
function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '(?!search$)[^/]+')}$`);
}

/** A branch of `anyOf` that does not fit at all says little: the deepest problems are the ones to read. */
function mostTelling(validate: ValidateFunction): string[] {
  const errors = validate.errors ?? [];
  const depthOf = (path: string) => path.split('/').length;
  const deepest = Math.max(...errors.map((error) => depthOf(error.instancePath)));
  return errors
    .filter((error) => error.keyword === 'additionalProperties' || depthOf(error.instancePath) >= deepest)
    .map((error) => `${error.instancePath} ${error.message ?? ''} ${JSON.stringify(error.params)}`);
}

/** OpenAPI 3.0 as JSON Schema, without its prose, and with every object closed: a key that Stripe does not have is an error. */
function closed(node: unknown, isAbsent: (name: string) => boolean): unknown {
  if (Array.isArray(node)) return node.map((each) => closed(each, isAbsent));
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, $ref, ...rest } = node as Schema;
  if (typeof $ref === 'string') {
    const name = $ref.replace('#/components/schemas/', '');
    return isAbsent(name) ? false : { $ref: `stripe#/definitions/${name}` };
  }
  const schema: Schema = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'description' || key === 'title' || key.startsWith('x-')) continue;
    if (key === 'properties' || key === 'definitions') schema[key] = eachClosed(value as Schema, isAbsent);
    else schema[key] = key === 'enum' || key === 'required' ? value : closed(value, isAbsent);
  }
  if (schema['type'] === 'object' && schema['additionalProperties'] === undefined)
    schema['additionalProperties'] = false;
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function eachClosed(properties: Schema, isAbsent: (name: string) => boolean): Schema {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, closed(schema, isAbsent)]));
}
