import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Node's arguments to run one of our TypeScript files, from whatever directory. */
export function nodeProgram(file: string, ...args: string[]): string[] {
  return ['--import', TSX, file, ...args];
}
