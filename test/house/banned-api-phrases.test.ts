import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { REFUSAL_CODES } from '../../billing/refusal-codes.ts';
import { HTTP_CODES } from '../../server/schemas/http-codes.ts';
import { refusalTexts } from '../billing/refusal-texts.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Banned {
  readonly pattern: string;
  readonly instead: string;
}

interface Said {
  readonly place: string;
  readonly text: string;
}

const BANNED = (parse(readFileSync(`${ROOT}test/house/banned-api-phrases.yaml`, 'utf8')) as readonly Banned[]).map(
  ({ pattern, instead }) => ({ matches: new RegExp(`(?<![\\w-])(?:${pattern})(?!\\w)`, 'i'), instead }),
);

function banned(texts: readonly Said[]): readonly string[] {
  return texts.flatMap(({ place, text }) =>
    BANNED.flatMap(({ matches, instead }) => {
      const [found] = matches.exec(text) ?? [];
      return found === undefined ? [] : [`${place}: "${found}", say: ${instead}. In: ${text}`];
    }),
  );
}

/** What a reader of the document reads: summaries, descriptions, and the title page. */
function documented(node: unknown, path = ''): readonly Said[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]): readonly Said[] => {
    const place = `${path}/${key}`;
    const isText = typeof value === 'string' && (key === 'description' || key === 'summary');
    return isText ? [{ place, text: value }] : documented(value, place);
  });
}

/** Every text of the command line that has more than one word. */
function commandLine(): readonly Said[] {
  const directory = join(ROOT, 'cli');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => join(directory, name)).flatMap(textsIn);
}

function textsIn(path: string): readonly Said[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: Said[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      const text = ts.isStringLiteralLike(node)
        ? node.text
        : node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
      if (text.trim().includes(' ')) texts.push({ place: `${relative(ROOT, path)}:${String(line + 1)}`, text });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

describe('words that nobody outside should read (banned-api-phrases.yaml)', () => {
  it('given every refusal, when it is read, then it has none of them', () => {
    const rooms = ['billing', 'client', 'server', 'cli', 'db', 'activities', 'workflows'];
    expect(banned(rooms.flatMap(refusalTexts))).toEqual([]);
  });

  it('given the advice of every code, when it is read, then it has none of them', () => {
    const advice = Object.entries(REFUSAL_CODES).map(([place, text]) => ({ place, text }));
    const http = Object.entries(HTTP_CODES).flatMap(([place, { title, solve }]) => [
      { place, text: title },
      { place, text: solve },
    ]);
    expect(banned([...advice, ...http])).toEqual([]);
  });

  it('given docs/openapi.json, when its summaries and descriptions are read, then they have none of them', () => {
    const texts = documented(JSON.parse(readFileSync(`${ROOT}docs/openapi.json`, 'utf8')));
    expect(texts.length).toBeGreaterThan(300);
    expect(banned(texts)).toEqual([]);
  });

  it('given the command line, when its help and output are read, then they have none of them', () => {
    const texts = commandLine();
    expect(texts.length).toBeGreaterThan(150);
    expect(banned(texts)).toEqual([]);
  });

  it.each([
    ['Give money of a paid invoice back', 1],
    ['Whoever is enabled stays.', 1],
    ['What was not told (SEA-17)', 1],
    ['The limit that was reached.', 0],
  ])('given %j, then so many of them are found: %i', (text, count) => {
    expect(banned([{ place: 'here', text }])).toHaveLength(count);
  });
});
