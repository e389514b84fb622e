import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const DATE = /\b[A-Z][a-z]{2} \d{1,2}, \d{4}(, \d\d:\d\d(:\d\d)? UTC| \(UTC\))?/g;
/** `$1,250.00`, `¥20,000`, `KWD 46.630`. */
const AMOUNT = /-?(?:[A-Z]{3}\s|[A-Z]{0,3}\p{Sc})\d{1,3}(?:,\d{3})*(?:\.\d+)?/gu;
/** A count in English notation; without a comma it has three digits at most and is of something. */
const COUNT = /(?<![\d,.])(?:\d{1,3}(?:,\d{3})+|\d{1,3} [a-z]+)(?![\d,])/g;
const YEARS = /\byears? (?:from )?\d{4} to \d{4}\b/g;
/** An id or a literal in quotes, an invoice's number, a value that the caller sent, and an example of what is expected. */
const QUOTED = /"[^"]*"|`[^`]*`/g;
const NUMBERED = /\b[\w-]*[A-Za-z][\w]*-\d{4,}\b/g;
const FOUND = /, found .*?\.$/;
const EXAMPLE = /\blike (?:\{.*?\}|\[.*?\]|\d{4}-\d\d-\d\d(?:T[\d:]+Z)?)/g;

/** What is wrong with a refusal's sentence: how many things, and which. */
export function troubleIn(text: string): readonly string[] {
  const bare = [QUOTED, EXAMPLE, FOUND, YEARS, DATE, AMOUNT, NUMBERED, COUNT].reduce(
    (rest, known) => rest.replace(known, '…'),
    text,
  );
  return [
    ...(/\d{4}-\d\d-\d\d(T\d\d|\b)/.test(bare) ? ['an ISO date'] : []),
    ...[...bare.matchAll(/(?<![\w.])\d{3,}(?![\w])/g)].map(([number]) => `a bare number, ${number}`),
    ...(/\bcents\b/i.test(bare) ? ['cents'] : []),
    ...(/\b(?:CAL|MON|CAT|TRI|CRE|SEA|SBI|BUD|INV|AUD)-\d+\b/.test(bare) ? ["a rule's number"] : []),
    ...(/\binvariants?\b/i.test(bare) ? ['invariant'] : []),
  ];
}

/** What goes into a sentence as it is stored: an amount in minor units, or an instant. */
export function unformattedIn(inserted: string): readonly string[] {
  if (/^(formatAmount|formatInstant|formatDate|countOf|formatCount|amountWithCode)\(/.test(inserted)) return [];
  if (/(Minor|Cents)\b/.test(inserted)) return [`an amount that is not formatted, ${inserted}`];
  if (/(^|\.)(now|stamp|until|to|at|\w+At|start|end)$/.test(inserted))
    return [`an instant that is not formatted, ${inserted}`];
  return [];
}

interface WrittenText {
  readonly place: string;
  /** As it is written, `…` in the places of what is inserted. */
  readonly text: string;
  readonly inserted: readonly string[];
}

/** Every sentence in files that refuse: what has a space and stands neither in an Error's message nor in SQL. */
export function refusalTexts(room: string): readonly WrittenText[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('generated/'))
    .map((name) => join(ROOT, room, name))
    .filter((path) => /\bRefusal\(/.test(readFileSync(path, 'utf8')))
    .flatMap(textsIn);
}

function textsIn(path: string): readonly WrittenText[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: WrittenText[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(file).endsWith('Error')) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      const written = { place: `${relative(ROOT, path)}:${String(line + 1)}`, ...partsOf(node, file) };
      if (isSentence(written.text)) texts.push(written);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

function partsOf(
  node: ts.StringLiteralLike | ts.TemplateExpression,
  file: ts.SourceFile,
): Pick<WrittenText, 'text' | 'inserted'> {
  if (ts.isStringLiteralLike(node)) return { text: node.text, inserted: [] };
  return {
    text: node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(''),
    inserted: node.templateSpans.map(({ expression }) => expression.getText(file)),
  };
}

/** A sentence for people ends as one, or is what was expected of a field. */
function isSentence(text: string): boolean {
  return text.includes(' ') && (/[.!?]$/.test(text) || /^(expected|a |an |at most|, )/.test(text));
}
