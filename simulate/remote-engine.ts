import { randomUUID } from 'node:crypto';

import type { Command } from '../billing/model/command.ts';
import type { AccessAnswer } from '../client/access/check-access.ts';
import type { CommandAnswer } from '../client/commands/execute-command.ts';
import type { HoldAnswer } from '../client/holds/held-use.ts';
import type { HttpClient } from '../sdk/http-client.ts';
import type { CommandPreview } from '../client/perennial.ts';
import type { Engine } from './engine.ts';
import { answered, refusalOf } from './remote-answer.ts';
import { keyOf, sendCommand } from './remote-commands.ts';
import { readStatus } from './remote-status.ts';

/** Asks an installation over its HTTP API alone, and answers as the typed client does. */
export function remoteEngine(http: HttpClient): Engine {
  const send = async (accountId: string, command: Command) => dated(await sendCommand(http, accountId, command));
  return {
    signUp: async ({ commandId = randomUUID(), accountId, ownerId, catalog, testClockId }) => {
      const body = { accountId, ownerId, catalog, ...(testClockId === undefined ? {} : { testClockId }) };
      return dated(await answered(http.POST('/v1/signups', { params: { header: keyOf(commandId) }, body })));
    },
    execute: send,
    addPaymentMethod: (accountId, paymentMethodId) => send(accountId, { type: 'setPaymentMethod', paymentMethodId }),
    previewSeats: async (account, count) => {
      const params = { path: { account } };
      const preview = await answered(http.POST('/v1/accounts/{account}/seats/preview', { params, body: { count } }));
      return preview as CommandPreview;
    },
    hold: async (account, wanted) =>
      (await answered(http.POST('/v1/holds', { body: { account, ...wanted } }))) as HoldAnswer,
    capture: async (account, { id: hold, ...used }) => {
      const params = { path: { hold } };
      return answered(http.POST('/v1/holds/{hold}/capture', { params, body: { account, ...used } }));
    },
    release: async (account, { id: hold }) =>
      answered(http.POST('/v1/holds/{hold}/release', { params: { path: { hold } }, body: { account } })),
    reverseUsage: async (account, { id: event }) =>
      answered(http.POST('/v1/usage/{event}/reversal', { params: { path: { event } }, body: { account } })),
    ...usage(http),
    status: (accountId) => readStatus(http, accountId),
    createTestClock: async ({ clockId, now }) => {
      await answered(http.POST('/v1/test-clocks', { body: { clockId, now } }));
    },
    advanceTestClock: async (clock, to) => {
      await answered(http.POST('/v1/test-clocks/{clock}/advance', { params: { path: { clock } }, body: { to } }));
    },
  };
}

/** What the API answers with a "no" that is no error. */
function usage(http: HttpClient): Pick<Engine, 'recordUsage' | 'checkAccess'> {
  return {
    recordUsage: async (account, { id = randomUUID(), ...event }) => {
      const { results } = await answered(http.POST('/v1/usage', { body: { events: [{ id, account, ...event }] } }));
      const [result] = results;
      if (result === undefined) throw new Error('one event was sent, and none was answered');
      if (result.status === 'refused') throw refusalOf(result) ?? new Error(result.message);
      const { meter, included, overage, trial } = result;
      return { meter, included, overage, trial };
    },
    checkAccess: async (account, question) => {
      const answer = await answered(http.POST('/v1/access-checks', { body: { account, ...question } }));
      if (!answer.allowed) throw refusalOf(answer.refusal) ?? new Error(answer.refusal.message);
      return answer as AccessAnswer;
    },
  };
}

/** The API's schemas are held to the engine's own types (server/schemas/documents.ts); in its document instants are plain texts. */
function dated(answer: Omit<CommandAnswer, 'effectiveAt'> & { readonly effectiveAt: string }): CommandAnswer {
  return answer as CommandAnswer;
}
