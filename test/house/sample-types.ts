import { join } from 'node:path';

import ts from 'typescript';

import type { Sample } from './samples.ts';

/**
 * What the compiler says of TypeScript samples, each as a module at the root of the project that is nowhere on the disk: `./client/perennial.ts`
 * and packages are what they are for the project itself.
 */
export function typeProblems(root: string, samples: readonly Sample[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  // A sample may end with what it has made.
  const lenient = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const modules = new Map(samples.map((sample) => [join(root, `sample of ${nameOf(sample)}.ts`), sample]));
  const textOf = (path: string): string | undefined => {
    const sample = modules.get(path);
    return sample === undefined ? undefined : `${sample.given}\n${sample.text}`;
  };
  const disk = ts.createCompilerHost(lenient);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => modules.has(path) || disk.fileExists(path),
    readFile: (path) => textOf(path) ?? disk.readFile(path),
    getSourceFile: (path, version, ...others) => {
      const text = textOf(path);
      return text === undefined
        ? disk.getSourceFile(path, version, ...others)
        : ts.createSourceFile(path, text, version);
    },
  };
  const program = ts.createProgram([...modules.keys()], lenient, host);
  return [...modules].flatMap(([path, sample]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start = 0 }) => {
      const line = sample.line + (source?.getLineAndCharacterOfPosition(start).line ?? 0);
      return `${sample.file}:${String(line)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

function nameOf({ file, line }: Sample): string {
  return `${file.replaceAll('/', ' ')} ${String(line)}`;
}
