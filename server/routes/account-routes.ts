import { z } from 'zod';

import { answers, WITH_BODY } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { COMMAND_TIMEOUT_MS, commandOptions, commandRoute } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { account, accountForMembers, accountListing, accountPhase, commandAnswer } from '../schemas/documents.ts';
import { accountParams, count, id } from '../schemas/fields.ts';
import { isAsItWas } from '../answers/private-cache.ts';
import { assertSandbox } from './sandbox-only.ts';

const signUpBody = z
  .strictObject({
    accountId: id.meta({ description: 'The id of the account in your product. It cannot be changed.' }),
    ownerId: id.meta({ description: 'The owner of the account. Each owner has one account and one trial.' }),
    catalog: id.meta({ description: 'The catalog that the account buys from.' }),
    testClockId: id.exactOptional().meta({ description: 'Sandbox only: the account follows this test clock.' }),
  })
  .meta({ examples: [{ accountId: 'acme', ownerId: 'github:1', catalog: 'qodo' }] });

export function accountRoutes(api: Api, context: ApiContext): void {
  signUpRoute(api, context);
  listRoute(api, context);
  readRoute(api, context);
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/trial-extension',
    operationId: 'extendTrial',
    tag: 'Operator',
    summary: 'Extend a trial',
    description: 'Extends the trial by whole days from its end. A trial that has ended is reopened.',
    onlyOperators: true,
    params: accountParams,
    body: z.strictObject({ days: count }).meta({ examples: [{ days: 7 }] }),
    codes: ['trial_over', 'already_subscribed'],
    command: ({ body }) => ({ type: 'extendTrial', days: body.days }),
  });
}

function signUpRoute(api: Api, context: ApiContext): void {
  api.post(
    '/v1/signups',
    {
      config: { access: { scope: 'accounts:write', portal: null }, idempotency: 'command' },
      schema: {
        operationId: 'signUp',
        tags: ['Accounts'],
        summary: 'Sign up an account',
        description:
          'Starts its trial or its free plan; no card is needed. Repeating the same signup returns the original response.',
        body: signUpBody,
        headers: z.object({ 'idempotency-key': id.optional() }),
        ...answers({ 201: commandAnswer }, [
          ...(['account_exists', 'account_closed', 'unknown_catalog', 'idempotency_conflict'] as const),
          ...(['unknown_test_clock', 'not_a_sandbox'] as const),
          ...WITH_BODY,
        ]),
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.testClockId !== undefined) assertSandbox(context);
      const { perennial } = context;
      const input = { ...body, ...commandOptions(request) };
      const answer = await perennial.within(COMMAND_TIMEOUT_MS, () => perennial.signUp(input));
      return reply.code(201).send(answer);
    },
  );
}

function listRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts',
    {
      config: { access: { scope: 'operator', portal: null } },
      schema: {
        operationId: 'listAccounts',
        tags: ['Operator'],
        summary: 'List accounts',
        description:
          'Accounts with a past-due payment first, then by id. Phase and plan are as of the last change to the account.',
        querystring: z.strictObject({
          ...pageQuery,
          phase: accountPhase.exactOptional(),
          plan: id.exactOptional(),
          search: id.exactOptional().meta({ description: 'A part of the id of the account or of its owner.' }),
        }),
        ...answers({ 200: pageOf(accountListing) }, []),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const after = readPlace(cursor, [z.int(), id]);
      const found = await perennial.read.accounts(filter, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.phase === 'past_due' ? 0 : 1, each.accountId]);
    },
  );
}

function readRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: accountForMembers } },
      schema: {
        operationId: 'getAccount',
        tags: ['Accounts'],
        summary: 'Retrieve an account',
        description:
          'Members receive it without amounts. The ETag changes with everything in the response except the seconds of the current ' +
          'time. `If-Match` on writes compares only decisions about the account, so usage does not conflict with a change.',
        params: accountParams,
        headers: z.object({ 'if-none-match': z.string().max(2000).optional() }),
        ...answers(
          { 200: z.union([account, accountForMembers]), 304: z.undefined().meta({ description: 'Not modified' }) },
          ['unknown_account'],
        ),
      },
    },
    async (request, reply) => {
      const view = await perennial.read.view(request.params.account);
      // On the real clock it is another second with every answer; on a test clock it is what somebody has set.
      const but = view.testClockId === null ? ['now'] : [];
      const { version } = view;
      return isAsItWas(request, reply, { shown: view, but, version }) ? reply.code(304).send() : view;
    },
  );
}
