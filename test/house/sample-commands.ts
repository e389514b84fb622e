import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { type Command, CommanderError } from 'commander';

import type { CommandType } from '../../billing/model/command.ts';
import { COMMAND_TYPES, parseCommand } from '../../billing/commands/command-shape.ts';
import { programOf } from '../../cli/program.ts';
import { simulate } from '../../simulate/simulate.ts';
import * as workflows from '../../workflows/all-workflows.ts';

/** Words of a shell that are the same everywhere, and name nothing of ours. */
const PLAIN = new Set(['cat', 'export', 'unset']);

type Scripts = Readonly<Record<string, string>>;

interface Operations {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Tells what is wrong with a command line of the pages, without running it. */
export class SampleCommands {
  readonly #root: string;
  readonly #scripts: Scripts;
  readonly #paths: Operations['paths'];

  constructor(root: string) {
    this.#root = root;
    this.#scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Scripts }).scripts;
    this.#paths = (JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as Operations).paths;
  }

  /** Null where it names what there is. */
  async problemOf(words: readonly string[]): Promise<string | null> {
    const [program = '', ...args] = words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
    if (PLAIN.has(program)) return null;
    if (program === 'npm') return this.#npm(args);
    if (program === 'npx') return this.#npx(args);
    if (program === 'perennial') return this.#perennial(args);
    if (program === 'curl') return this.#curl(args);
    if (program === 'temporal') return temporal(args);
    if (program === 'node') return this.#node(args);
    return `nothing is known of ${program}`;
  }

  /** `GET /v1/keys`, as pages name a route: with the parameters' names in braces, or values in their place. */
  problemOfRoute(method: string, path: string): string | null {
    const wanted = path.split('?')[0]?.split('/') ?? [];
    const matches = ([route]: readonly [string, unknown]): boolean => {
      const parts = route.split('/');
      return parts.length === wanted.length && parts.every((part, index) => isPart(part, wanted[index] ?? ''));
    };
    const found = Object.entries(this.#paths).filter(matches);
    if (found.length === 0) return `there is no route ${path}`;
    return found.some(([, methods]) => method.toLowerCase() in methods) ? null : `${path} has no ${method}`;
  }

  problemOfScript(name: string): string | null {
    return name in this.#scripts ? null : `package.json has no script ${name}`;
  }

  async #npm([verb = '', ...args]: readonly string[]): Promise<string | null> {
    if (verb === 'ci') return null;
    const [script = '', ...rest] = verb === 'run' ? args.filter((arg) => arg !== '-s') : [verb, ...args];
    const problem = this.problemOfScript(script);
    if (problem !== null) return problem;
    const given = rest[0] === '--' ? rest.slice(1) : rest;
    if (script === 'perennial') return this.#perennial(given);
    if (script === 'simulate') return this.#simulate(given);
    return null;
  }

  #npx([binary = '', ...args]: readonly string[]): string | null {
    if (!existsSync(join(this.#root, 'node_modules/.bin', binary))) return `no dependency brings ${binary}`;
    return this.#missing(args.filter((arg) => arg.includes('/')));
  }

  #node(args: readonly string[]): string | null {
    return this.#missing(args.filter((arg) => /\.[jt]s$/.test(arg)));
  }

  #missing(paths: readonly string[]): string | null {
    const missing = paths.find((path) => !existsSync(join(this.#root, path)));
    return missing === undefined ? null : `there is no ${missing}`;
  }

  /** By the command line's own program, whose commands do nothing here. */
  async #perennial(args: readonly string[]): Promise<string | null> {
    const said: string[] = [];
    const io = { env: {}, print: () => true, printError: (text: string) => said.push(text), isColorful: false };
    const program = programOf(io, false, () => undefined);
    withoutActions(program);
    try {
      await program.parseAsync(args, { from: 'user' });
      return null;
    } catch (error) {
      if (error instanceof CommanderError) return said.join(' ') || error.message;
      throw error;
    }
  }

  /** By the command itself, up to where it wants servers. */
  async #simulate(args: readonly string[]): Promise<string | null> {
    const said: string[] = [];
    const files = args.flatMap((arg) => (arg.includes('*') ? this.#expanded(arg) : [arg]));
    const exitCode = await simulate(files, {
      openGround: () => Promise.reject(new Error('nothing is played here')),
      env: {},
      print: (text) => said.push(text),
      printError: (text) => said.push(text),
      interrupted: new AbortController().signal,
      isColorful: false,
    });
    return exitCode === 2 ? said.join(' ') : this.#missing(files.filter((file) => !file.startsWith('--')));
  }

  /** As a shell does it; what matches nothing stays as it is. */
  #expanded(pattern: string): readonly string[] {
    const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    const folder = dirname(pattern);
    const found = readdirSync(join(this.#root, folder)).map((name) => join(folder, name));
    const matching = found.filter((path) => expression.test(path));
    return matching.length === 0 ? [pattern] : matching;
  }

  #curl(args: readonly string[]): string | null {
    const valueAfter = (flag: string): string | undefined =>
      args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
    const url = args.find((arg) => /^(https?:\/\/|\$PERENNIAL_URL)/.test(arg));
    if (url === undefined) return 'no address';
    const body = valueAfter('-d');
    if (body !== undefined) JSON.parse(body);
    const method = valueAfter('-X') ?? (body === undefined ? 'GET' : 'POST');
    return this.problemOfRoute(method, url.replace(/^(https?:\/\/[^/]+|\$PERENNIAL_URL)/, ''));
  }
}

function isPart(route: string, wanted: string): boolean {
  return route === wanted || (route.startsWith('{') && wanted !== '');
}

function withoutActions(command: Command): void {
  for (const each of command.commands) {
    // A command that has others acts only through them.
    if (each.commands.length === 0) each.action(() => undefined);
    withoutActions(each);
  }
}

/** Temporal's own command line: what it is told of ours. */
function temporal(args: readonly string[]): string | null {
  const valueAfter = (flag: string): string | undefined =>
    args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
  const type = valueAfter('--workflow-type');
  if (type !== undefined && !(type in workflows)) return `there is no workflow ${type}`;
  const [signal, input] = [valueAfter('--name'), valueAfter('--input')];
  if (args[1] === 'signal' && !COMMAND_TYPES.some((known) => known === signal))
    return `there is no signal ${String(signal)}`;
  if (args[1] === 'signal') parseCommand(signal as CommandType, JSON.parse(input ?? '{}'));
  return type === undefined && signal === undefined ? `nothing of ours is in: temporal ${args.join(' ')}` : null;
}
