import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

import type { GlobalOptions } from '../context/cli.ts';
import { CliFailure, EXIT } from '../context/failure.ts';

// A process of its own: simulate starts a stack, which belongs to tools/, and client/ imports nothing from there.
const SIMULATE = fileURLToPath(new URL('../../simulate/main.ts', import.meta.url));

/** @param ended takes the exit code of the play. */
export function addSimulateCommand(program: Command, ended: (exitCode: number) => void): void {
  program
    .command('simulate <file...>')
    .description('play scenarios, years in the life of an account; the same as npm run -s simulate')
    .option('--timers', "use durable timers and the server's time skipping instead of test clocks")
    .action(async (files: readonly string[], { timers }: { readonly timers?: boolean }, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const flags = [...(json === true ? ['--json'] : []), ...(timers === true ? ['--timers'] : [])];
      ended(await play([...flags, '--', ...files]));
    });
}

function play(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', SIMULATE, ...args], { stdio: 'inherit' });
    // Ctrl-C reaches the child, too; it ends its stack, and then we end.
    const wait = (): void => undefined;
    process.on('SIGINT', wait);
    child.once('error', (error) => {
      reject(new CliFailure(EXIT.unreachable, 'SIMULATE_FAILED', error.message, null));
    });
    child.once('close', (code) => {
      process.off('SIGINT', wait);
      resolve(code ?? EXIT.refused);
    });
  });
}
