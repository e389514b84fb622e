import { Command, CommanderError } from 'commander';

import { Cli, type CliIo } from './context/cli.ts';
import { addAccountCommands } from './commands/account-commands.ts';
import { addClockCommands } from './commands/clock-commands.ts';
import { addKeyCommands } from './commands/key-commands.ts';
import { addInvoiceCommands } from './commands/invoice-commands.ts';
import { addMigrateCommand } from './commands/migrate-command.ts';
import { addPageCommands } from './commands/page-commands.ts';
import { addPlanCommands } from './commands/plan-commands.ts';
import { addReconcileCommand } from './commands/reconcile-command.ts';
import { addSeatCommands } from './commands/seat-commands.ts';
import { addSimulateCommand } from './commands/simulate-command.ts';
import { addUseCommands } from './commands/use-commands.ts';
import { EXIT, type FailedRun, failedRun } from './context/failure.ts';

const EPILOGUE = `
Amounts are in the currency's minor unit, like 5000 for $50.00. Dates and times are like 2027-01-31T09:30:00Z.

Exit codes: 0 done; 1 refused, with the code and how to resolve it on standard error, or with --json on standard output; 2 invalid arguments
or settings; 3 the stack or a worker is not responding; 70 a bug in Perennial.

Connects to the stack that \`npm start\` runs in this directory, or to the one named by TEMPORAL_ADDRESS and DATABASE_URL.`;

/** The command line, from its arguments to its exit code. */
export async function perennial(args: readonly string[], io: CliIo): Promise<number> {
  const isJson = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).includes('--json');
  let exitCode: number = EXIT.done;
  const program = programOf(io, isJson, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done; // --help
    const failed = error instanceof CommanderError ? usageFailure(error) : failedRun(error);
    tellFailure(failed, io, isJson, error instanceof CommanderError);
    return failed.exitCode;
  }
}

/** Every command with its options; `ended` hears the exit code of one that has its own. */
export function programOf(io: CliIo, isJson: boolean, ended: (exitCode: number) => void): Command {
  const cli = new Cli(io);
  const program = new Command('perennial')
    .description('Manage accounts, plans, seats, usage, and invoices')
    .option('--json', 'print exactly one JSON document to standard output')
    .option('--wait <seconds>', 'how long to wait for an answer (default: 60)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: io.print,
      writeErr: (text) => {
        if (!isJson) io.printError(text);
      },
    })
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .addHelpText('after', EPILOGUE);
  addAccountCommands(program, cli);
  addPlanCommands(program, cli);
  addSeatCommands(program, cli);
  addUseCommands(program, cli);
  addInvoiceCommands(program, cli);
  addClockCommands(program, cli);
  addKeyCommands(program, cli);
  addPageCommands(program, cli);
  addReconcileCommand(program, cli);
  addMigrateCommand(program, cli);
  addSimulateCommand(program, ended);
  return program;
}

function usageFailure({ message, code }: CommanderError): FailedRun {
  const isHelp = code === 'commander.help';
  const said = isHelp ? 'A command is required.' : message.replace(/^error: /, '');
  const failure = { code: 'WRONG_USAGE', message: said, solve: 'Add --help for usage.', field: null };
  return { exitCode: EXIT.usage, failure };
}

/** @param isTold whether commander has said it on standard error already. */
function tellFailure({ failure, stack }: FailedRun, io: CliIo, isJson: boolean, isTold: boolean): void {
  if (stack !== undefined) io.printError(`${stack}\n`);
  if (isJson) io.print(`${JSON.stringify({ error: failure }, null, 2)}\n`);
  else if (!isTold)
    io.printError(`${failure.code}: ${failure.message}\n${failure.solve === null ? '' : `${failure.solve}\n`}`);
}
