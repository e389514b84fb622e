import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { Command } from '../../billing/model/command.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { CommandAnswer, CommandOptions } from '../../client/commands/execute-command.ts';
import { answers, WITH_BODY } from '../answers/answers.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import { commandAnswer } from '../schemas/documents.ts';
import { id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';
import { actorOf } from '../../client/credentials/principal.ts';

/** Less than the server gives a handler, so that it is Temporal that is named when a command takes too long. */
export const COMMAND_TIMEOUT_MS = 50_000;

const COMMAND_CODES: readonly ProblemCode[] = [
  'unknown_account',
  'account_closed',
  'idempotency_conflict',
  'precondition_failed',
];
/** And one that an admin's session may ask for: they may be none any more when it is decided. */
const ADMINS_CODES: readonly ProblemCode[] = ['member_not_admin'];

const headers = z.object({
  'idempotency-key': id.optional().meta({
    description:
      'Repeating a command with the same key and content has no further effect. The key is kept as long as the account ' +
      'exists.',
  }),
  'if-match': z.string().max(300).optional().meta({
    description:
      'The ETag of the account. The request is refused with `precondition_failed` if the account has changed since.',
  }),
});

interface CommandRoute<Body extends z.ZodType, Params extends z.ZodType, Query extends z.ZodType> {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: `/v1/accounts/:account/${string}`;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** Default: the account's admins, and keys that may write accounts. */
  readonly onlyOperators?: true;
  readonly params: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly codes: readonly ProblemCode[];
  readonly command: (given: {
    readonly params: z.output<Params>;
    readonly body: z.output<Body>;
    readonly query: z.output<Query>;
  }) => Command;
}

/** A route that asks an account's workflow for one command, and answers when it, and the payment it may cause, is done. */
export function commandRoute<
  Params extends z.ZodType<{ account: string }>,
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(api: Api, context: ApiContext, route: CommandRoute<Body, Params, Query>): void {
  const { method, url, operationId, tag, summary, description, params, query, body, codes, command } = route;
  const isForOperators = route.onlyOperators === true;
  api.route({
    method,
    url,
    config: {
      idempotency: 'command',
      access: isForOperators ? { scope: 'operator', portal: null } : { scope: 'accounts:write', portal: 'admin' },
    },
    schema: {
      ...{ operationId, summary, description, params, headers },
      tags: [tag],
      ...(body === undefined ? {} : { body }),
      ...(query === undefined ? {} : { querystring: query }),
      ...answers({ 200: commandAnswer }, [
        ...[...COMMAND_CODES, ...(isForOperators ? [] : ADMINS_CODES)],
        ...[...codes, ...(body === undefined ? [] : WITH_BODY)],
      ]),
    },
    handler: (request) => {
      const given = {
        params: request.params as z.output<Params>,
        body: request.body as z.output<Body>,
        query: request.query as z.output<Query>,
      };
      return execute(context, request, given.params.account, command(given));
    },
  });
}

function execute(
  { perennial }: ApiContext,
  request: FastifyRequest,
  accountId: string,
  command: Command,
): Promise<CommandAnswer> {
  const options = { ...commandOptions(request), ...ifMatch(request) };
  return perennial.within(COMMAND_TIMEOUT_MS, () => perennial.execute(accountId, command, options));
}

/** Who asks, and under which key. */
export function commandOptions(request: FastifyRequest): Omit<CommandOptions, 'ifVersion'> {
  const key = request.headers['idempotency-key'];
  const principal = principalOf(request);
  const isMember = principal.kind === 'portal' && principal.isMember === true;
  return {
    actor: actorOf(principal),
    ...(isMember ? { onBehalfOf: principal.memberId } : {}),
    ...(typeof key === 'string' ? { commandId: key } : {}),
  };
}

/** An account's ETag is `"<version>-<digest>"`; a write depends on the version alone, because use changes nothing it is about. */
function ifMatch({ headers: { 'if-match': given } }: FastifyRequest): Pick<CommandOptions, 'ifVersion'> {
  if (given === undefined || given === '*') return {};
  const version = /^(?:W\/)?"(\d{1,15})(?:-[\w-]*)?"$/.exec(given)?.[1];
  if (version !== undefined) return { ifVersion: Number(version) };
  throw new Refusal({
    code: 'invalid_request',
    message: 'If-Match: expected the ETag of the account.',
    field: 'If-Match',
  });
}
