import { readFileSync, readdirSync } from 'node:fs';
import { extname } from 'node:path';
import ts from 'typescript';

/** A sentence or label in the source: {} stands for what is filled in. */
export interface TextForPeople {
  readonly where: string;
  readonly text: string;
}

/** Mails, and what is drawn on PDFs; a folder stands for all its files. */
const WHOLE = ['web', 'billing/notices/notice-mail.ts', 'server/pdf'];
/** There only these properties are read: what invoice lines are called, and how they are explained. */
const LINES = ['billing'];
const OF_LINES: ReadonlySet<string> = new Set(['description', 'formula', 'words']);

/** Every text of a page, a mail, a PDF or an invoice line. */
export function textsForPeople(root: string): readonly TextForPeople[] {
  const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
  return [
    ...sourcesUnder(root, WHOLE).flatMap((path) => textsIn(path, read(path))),
    ...sourcesUnder(root, LINES).flatMap((path) => textsIn(path, read(path), OF_LINES)),
  ];
}

/** Of one source: its string literals, templates and JSX texts, without those that only the program reads. */
export function textsIn(path: string, source: string, properties: ReadonlySet<string> | null = null): TextForPeople[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, kindOf(path));
  const found: TextForPeople[] = [];
  const visit = (node: ts.Node, isRead: boolean): void => {
    const text = isRead ? textOf(node) : null;
    if (text !== null && isForPeople(text) && !isForTheProgram(node)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({ where: `${path}:${String(line + 1)}`, text });
    }
    const opens = ts.isPropertyAssignment(node) && properties?.has(node.name.getText(file)) === true;
    node.forEachChild((child) => {
      visit(child, isRead || opens);
    });
  };
  visit(file, properties === null);
  return found;
}

function sourcesUnder(root: string, paths: readonly string[]): readonly string[] {
  return paths
    .flatMap((path) => {
      if (extname(path) !== '') return [path];
      return readdirSync(`${root}${path}`, { recursive: true, encoding: 'utf8' }).map((name) => `${path}/${name}`);
    })
    .filter((path) => ['.ts', '.tsx'].includes(extname(path)))
    .sort();
}

function kindOf(path: string): ts.ScriptKind {
  return extname(path) === '.tsx' ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}

function textOf(node: ts.Node): string | null {
  if (ts.isJsxText(node)) return node.text.replaceAll(/\s+/g, ' ').trim();
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
}

/** Where a module is, what a field is called, what a value is compared with. */
function isForTheProgram(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return true;
  if (ts.isElementAccessExpression(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return parent.name === node;
  return ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
}

/** A text is a sentence or a label, and no name of the program: it has a space in it, or begins with a capital. */
function isForPeople(text: string): boolean {
  return /[a-z]/i.test(text) && (/\s/.test(text) || /^[A-Z]/.test(text));
}
