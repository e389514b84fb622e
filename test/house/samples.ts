import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a page, and what stands before it in comments that a reader does not see. */
export interface Sample {
  readonly file: string;
  readonly line: number;
  /** The first word of the fence's info string; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** `<!-- not checked: … -->`: why no test can tell whether it is right. */
  readonly notChecked: string | null;
  /** `<!-- given: … -->`: what a TypeScript sample takes for granted, as declarations. */
  readonly given: string;
}

export interface Page {
  readonly file: string;
  readonly text: string;
  readonly samples: readonly Sample[];
}

const FENCE = /(?:^<!-- (?<note>not checked|given): (?<said>.*?) -->\n+)?^ *```(?<info>.*)\n(?<text>[\s\S]*?)^ *```$/gm;

/** Every page of the repository but the changelog, which tells of what was. */
export function pagesOf(root: string): readonly Page[] {
  const files = execFileSync('git', ['ls-files', '--', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  return files
    .filter((file) => file !== 'CHANGELOG.md')
    .map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return { file, text, samples: samplesOf(file, text) };
    });
}

export function samplesOf(file: string, page: string): readonly Sample[] {
  return [...page.matchAll(FENCE)].map((match) => {
    const { note, said = '', info = '', text = '' } = match.groups ?? {};
    const opening = match[0].indexOf('```');
    return {
      file,
      line: page.slice(0, match.index + opening).split('\n').length,
      language: info.trim().split(' ')[0] ?? '',
      text,
      notChecked: note === 'not checked' ? said : null,
      given: note === 'given' ? said : '',
    };
  });
}

/** Code within a line, as `npm run check`. */
export function inlineCode(page: string): readonly string[] {
  const withoutFences = page.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...withoutFences.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');
}

/** The commands of a piece of shell as their words, without comments, quotes, redirections and documents that are put in. */
export function commandsOf(shell: string): readonly (readonly string[])[] {
  const source = shell.replaceAll('\\\n', ' ').replaceAll(/(<<(\w+)[^\n]*)\n[\s\S]*?\n\2$/gm, '$1');
  const commands: string[][] = [[]];
  const word = /#[^\n]*|&&|\|\||[\n;|]|\d?>+ *\S+|<<?\w+|(?:'[^']*'|"(?:\\.|[^"])*"|\$\([^)]*\)|[^\s'";|&<>])+/g;
  let end = 0;
  for (const match of source.matchAll(word)) {
    const [token] = match;
    // What is between words is space, or something that this does not understand.
    const between = source.slice(end, match.index);
    if (between.trim() !== '') throw new Error(`not understood: ${between}`);
    end = match.index + token.length;
    if (/^(#|\d?>|<)/.test(token)) continue;
    if (/^(&&|\|\||[\n;|])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(unquoted(token));
  }
  return commands.filter((words) => words.length > 0);
}

function unquoted(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:\\.|[^"])*)"/g,
    (_, single?: string, double?: string) => single ?? double ?? '',
  );
}
