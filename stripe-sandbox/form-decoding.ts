/** A decoded form: texts, and objects or lists of them. */
export type FormValue = string | FormValue[] | { [key: string]: FormValue };
export type Form = Record<string, FormValue>;

interface Node {
  text: string | null;
  /** In order of appearance; a Map, so that a key like `__proto__` is only a key. */
  readonly children: Map<string, Node>;
}

/**
 * Decodes Stripe's bracket form: `lines[0][amount]=5&expand[]=customer` becomes
 * `{ lines: [{ amount: '5' }], expand: ['customer'] }`. Every leaf is a string.
 */
export function decodeForm(encoded: string): Form {
  const root: Node = { text: null, children: new Map() };
  for (const [name, value] of new URLSearchParams(encoded)) {
    const first = name.indexOf('[');
    const path = first < 1 ? [name] : [name.slice(0, first), ...bracketParts(name.slice(first))];
    insert(root, path, value);
  }
  return Object.fromEntries([...root.children].map(([key, node]) => [key, toValue(node)]));
}

function bracketParts(brackets: string): string[] {
  return [...brackets.matchAll(/\[([^[\]]*)\]/g)].map((match) => match[1] ?? '');
}

function insert(root: Node, path: readonly string[], value: string): void {
  let node = root;
  for (const part of path) {
    // `expand[]=a&expand[]=b`: an empty bracket appends.
    const key = part === '' ? String(node.children.size) : part;
    let child = node.children.get(key);
    if (child === undefined) {
      child = { text: null, children: new Map() };
      node.children.set(key, child);
    }
    node = child;
  }
  node.text = value;
}

function toValue(node: Node): FormValue {
  if (node.children.size === 0) return node.text ?? '';
  const entries = [...node.children];
  if (entries.every(([key], index) => key === String(index))) return entries.map(([, child]) => toValue(child));
  return Object.fromEntries(entries.map(([key, child]) => [key, toValue(child)]));
}
