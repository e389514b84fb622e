interface Parameter {
  readonly in: string;
  readonly name: string;
}

interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly Parameter[] }>>>>;
}

const NAME = 'idempotency-key';
const KEY = {
  in: 'header',
  name: NAME,
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 200 },
  description: 'Repeating a request with the same key and content has no further effect and returns the same response.',
};

/**
 * Every POST of /v1 takes a key: commands read it themselves, for all others `repeat-requests.ts` does. So the document, and the client made
 * from it, know it for each of them.
 */
export function withIdempotencyKeys<Given extends object>(document: Given): Given {
  const described: Document = document;
  const paths = Object.entries(described.paths ?? {}).map(([path, operations]) => {
    const { post } = operations;
    const { parameters = [] } = post ?? {};
    const isKnown = parameters.some((each) => each.in === 'header' && each.name === NAME);
    if (post === undefined || isKnown || !path.startsWith('/v1/')) return [path, operations] as const;
    return [path, { ...operations, post: { ...post, parameters: [...parameters, KEY] } }] as const;
  });
  return { ...document, paths: Object.fromEntries(paths) };
}
