import { type Document, isMap, isNode, isPair, isScalar, isSeq, type LineCounter } from 'yaml';

import type { Locate, Path } from './catalog-problem.ts';

/**
 * Finds where a path is written in a parsed YAML file, as `file:line:column`, both from 1. What is not there is placed
 * at the nearest thing around it.
 * @param base the path of the catalog inside the document: `['catalog']` for the inline catalog of a scenario.
 */
export function yamlLocator(document: Document, lines: LineCounter, fileName: string, base: Path = []): Locate {
  return (path, atKey) => {
    const { line, col } = lines.linePos(offsetOf(document, [...base, ...path], atKey));
    return `${fileName}:${String(line)}:${String(col)}`;
  };
}

function offsetOf(document: Document, path: Path, atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const isLast = depth === path.length - 1;
    const pair = isMap(node) ? node.items.find((item) => keyOf(item.key) === String(step)) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value;
    // An empty value has no text of its own: its key stands for it.
    const start = (isLast && atKey) || startOf(next) === undefined ? startOf(pair?.key) : startOf(next);
    if (start === undefined) return offset;
    offset = start;
    node = next;
  }
  return offset;
}

function keyOf(key: unknown): string | null {
  return isScalar(key) ? String(key.value) : null;
}

function startOf(node: unknown): number | undefined {
  if (isPair(node)) return startOf(node.key);
  return isNode(node) ? node.range?.[0] : undefined;
}
