import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import ts from 'typescript';

/** A rule's number, and the titles of the tests that carry it at their beginning. */
export interface ProvedRule {
  readonly rule: string;
  readonly file: string;
}

const NUMBER = /^[A-Z]{3}-\d+/;
const SEPARATOR = /^(, | and | to | )/;
const ROW = /^\| (?<rule>[A-Z]{3}-\d+) \| (?<says>.*?) \| (?<tests>.*?) ?\|$/;

/** Every rule that a test's title begins with, once for each test. A title that begins with several proves each of them. */
export function provedRules(root: string): readonly ProvedRule[] {
  return testFiles(join(root, 'test')).flatMap((path) => {
    const file = relative(root, path);
    return titlesIn(path).flatMap((title) => numbersOf(title).map((rule) => ({ rule, file })));
  });
}

function testFiles(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(directory, name));
}

function titlesIn(path: string): readonly string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
      if (title !== undefined && ts.isTemplateExpression(title)) titles.push(title.head.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
  return titles;
}

/** `it`, `test`, `it.each(…)`, `test.prop(…)` and the like; `describe` proves nothing by itself. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it' || callee.text === 'test';
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return isTest(callee.expression);
  return false;
}

function numbersOf(title: string): readonly string[] {
  const numbers: string[] = [];
  let rest = title;
  for (;;) {
    const number = NUMBER.exec(rest)?.[0];
    if (number === undefined) return numbers;
    numbers.push(number);
    rest = rest.slice(number.length);
    rest = rest.slice(SEPARATOR.exec(rest)?.[0].length ?? 0);
  }
}

/** The rules that a document lists in the rows of its table. */
export function listedRules(document: string): readonly string[] {
  return document.split('\n').flatMap((line) => ROW.exec(line)?.groups?.['rule'] ?? []);
}

/** The document with each rule's tests written beside it. */
export function withTests(document: string, proved: readonly ProvedRule[]): string {
  return document
    .split('\n')
    .map((line) => {
      const { rule, says } = ROW.exec(line)?.groups ?? {};
      return rule === undefined ? line : `| ${rule} | ${says ?? ''} | ${testsOf(rule, proved)} |`;
    })
    .join('\n');
}

function testsOf(rule: string, proved: readonly ProvedRule[]): string {
  const counts = new Map<string, number>();
  for (const { rule: number, file } of proved) {
    if (number === rule) counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  return [...counts]
    .map(([file, count]) => `[${file.slice('test/'.length)}](../${file}) (${String(count)})`)
    .join(', ');
}
