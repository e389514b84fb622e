type Json = Readonly<Record<string, unknown>>;
interface Document {
  readonly components?: { readonly schemas?: Json };
}

const SCHEMAS = '#/components/schemas/';
const INPUT = 'Input';

/**
 * Makes the generated document one that a person would write: only what is referred to, by its plain name; answers may grow fields; and
 * nothing is `readOnly` that is only answered anyway.
 */
export function finishDocument<Given extends object>(given: Given): Given {
  const answersOpen = map(given, (value, path) => (isAnswer(path) ? opened(value) : value)) as Given & Document;
  const schemas = answersOpen.components?.schemas ?? {};
  const used = usedSchemas(answersOpen, schemas);
  const nameOf = (name: string): string => {
    const plain = name.endsWith(INPUT) ? name.slice(0, -INPUT.length) : name;
    const isTaken = used.has(plain) && JSON.stringify(schemas[plain]) !== JSON.stringify(schemas[name]);
    return isTaken ? name : plain;
  };
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  const renamed = {
    ...answersOpen.components,
    schemas: Object.fromEntries(kept.map(([name, s]) => [nameOf(name), s])),
  };
  return map({ ...answersOpen, components: renamed }, (value) => {
    const { $ref } = value;
    return typeof $ref === 'string' && $ref.startsWith(SCHEMAS)
      ? { ...value, $ref: SCHEMAS + nameOf($ref.slice(SCHEMAS.length)) }
      : value;
  }) as Given;
}

function isAnswer(path: readonly string[]): boolean {
  const [first, , third] = path;
  if (first === 'components') return third?.endsWith(INPUT) === false;
  return path.includes('responses');
}

function opened({ readOnly: _readOnly, additionalProperties, ...rest }: Json): Json {
  const described = rest['description'] === 'Default Response' ? { ...rest, description: 'OK' } : rest;
  return additionalProperties === undefined || additionalProperties === false
    ? described
    : { ...described, additionalProperties };
}

/** From the paths on: what they refer to, and what that refers to. */
function usedSchemas(document: object, schemas: Json): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    map(part, (value) => {
      const { $ref } = value;
      const name = typeof $ref === 'string' ? $ref.slice(SCHEMAS.length) : '';
      if (Object.hasOwn(schemas, name) && !used.has(name)) {
        used.add(name);
        visit(schemas[name]);
      }
      return value;
    });
  };
  visit({ ...document, components: null });
  return used;
}

/** Every object in a document, the inner ones first, through a function. */
function map(
  part: unknown,
  through: (value: Json, path: readonly string[]) => Json,
  path: readonly string[] = [],
): unknown {
  if (Array.isArray(part)) return part.map((each) => map(each, through, path));
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, value]) => [key, map(value, through, [...path, key])] as const);
  return through(Object.fromEntries(entries), path);
}
