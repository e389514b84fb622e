import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';

import type { CommandType } from '../../billing/model/command.ts';
import { parseCommand } from '../../billing/commands/command-shape.ts';
import type { CommandAnswer } from '../../client/commands/execute-command.ts';
import type { Perennial } from '../../client/perennial.ts';
import { openClient } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { numeral } from '../output/numeral.ts';
import { type Paint, painter } from '../output/paint.ts';

/** Where a command of the CLI reads from and writes to. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly isColorful: boolean;
}

/** What a command answers: one document for programs, words for people. The words may ask the client for more. */
export interface Reply {
  readonly document: unknown;
  readonly words: () => string | Promise<string>;
}

/** What a command acts with. */
export interface Act {
  readonly client: Perennial;
  /** Identifies this command; `--command-id`, or one that nobody used before. */
  readonly commandId: string;
  /** `--preview`: only what it would cost is asked for. */
  readonly isPreview: boolean;
  readonly paint: Paint;
  /** Sends a command of the account, from fields as they were typed: the engine says what is wrong with them. */
  readonly send: (accountId: string, type: CommandType, fields: object) => Promise<CommandAnswer>;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly wait?: string;
  readonly commandId?: string;
  readonly preview?: boolean;
  readonly actor?: string;
}

const DEFAULT_ACTOR = 'cli';
const DEFAULT_WAIT_SECONDS = 60;

/** Runs the act of one command between opening and closing the client, within its time, and prints the answer. */
export class Cli {
  readonly io: CliIo;

  constructor(io: CliIo) {
    this.io = io;
  }

  async answer(command: Command, act: (tools: Act) => Promise<Reply>): Promise<void> {
    const { json, wait, actor, ...given } = command.optsWithGlobals<GlobalOptions>();
    const waitSeconds = wait === undefined ? DEFAULT_WAIT_SECONDS : numeral('--wait', wait);
    const commandId = given.commandId ?? uuid();
    const client = await openClient(this.io.env);
    const send: Act['send'] = (accountId, type, fields) =>
      client.execute(accountId, parseCommand(type, fields).command, { commandId, actor: actor ?? DEFAULT_ACTOR });
    const run = async (): Promise<string> => {
      const reply = await act({
        client,
        commandId,
        isPreview: given.preview === true,
        paint: painter(this.io.isColorful),
        send,
      });
      return json === true ? JSON.stringify(reply.document, null, 2) : await reply.words();
    };
    try {
      this.io.print(`${await withinTime(run(), waitSeconds, commandId)}\n`);
    } finally {
      // What was given up still hangs on the connection; the process ends, and with it whatever is left.
      await Promise.race([client.close(), pause(1000)]).catch(() => undefined);
    }
  }
}

/** A command waits for a worker. Where none runs it would wait for ever, and say nothing. */
async function withinTime<T>(running: Promise<T>, waitSeconds: number, commandId: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const message = `No answer within ${String(waitSeconds)} seconds. Is a worker running?`;
      const solve =
        'Run `npm start`, which runs a worker. The command may still take effect once a worker is running: ' +
        `repeat it with --command-id ${commandId} to get its answer without running it twice.`;
      reject(new CliFailure(EXIT.unreachable, 'NO_ANSWER', message, solve));
    }, waitSeconds * 1000);
  });
  running.catch(() => undefined); // Met by the race, or given up with the process.
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
