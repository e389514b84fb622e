import { randomUUID } from 'node:crypto';

import type { Command } from '../billing/model/command.ts';
import type { Engine } from './engine.ts';
import type { LocalNames } from './local-names.ts';
import { type AccountStep, CARDS, type Person, type StepBody } from './scenario.ts';
import type { ScenarioClock } from './scenario-clock.ts';

/** What a credit note says where the scenario gives no reason. */
const CREDIT_REASON = 'as the scenario has it';

/** What one scenario is played with. */
export interface Stage {
  readonly client: Engine;
  readonly clock: ScenarioClock;
  readonly names: LocalNames;
  /** As it was published, under the run's own name. */
  readonly catalogName: string;
}

/**
 * Asks the engine what a step asks of an account, and gives its answer.
 * @throws Refusal when the engine says no.
 */
export async function playAccountStep(stage: Stage, step: AccountStep): Promise<unknown> {
  const { client, names } = stage;
  const accountId = names.toReal(step.body.account);
  switch (step.kind) {
    case 'signup':
      return signUp(stage, step.body);
    case 'paymentMethod':
      return (await client.addPaymentMethod(accountId, paymentMethodOf(step.body.card))).result;
    case 'previewSeats':
      return client.previewSeats(accountId, step.body.count);
    case 'use':
      return client.recordUsage(accountId, usageOf(names, step.body));
    case 'run':
      return client.checkAccess(accountId, runOf(names, step.body));
    case 'openDashboard':
      return client.checkAccess(accountId, { kind: 'dashboard', member: personOf(names, step.body.member) });
    case 'hold':
      return client.hold(accountId, holdOf(names, step.body));
    case 'capture':
      return client.capture(accountId, withoutAccount(step.body));
    case 'release':
      return client.release(accountId, withoutAccount(step.body));
    case 'reverse':
      return client.reverseUsage(accountId, withoutAccount(step.body));
    default: {
      const { result } = await client.execute(accountId, commandOf(names, step));
      return result;
    }
  }
}

/** TRI-6: each step is a request of its own, unless it has the id of another. */
async function signUp({ client, clock, names, catalogName }: Stage, body: StepBody<'signup'>): Promise<unknown> {
  const accountId = names.toReal(body.account);
  const ownerId = names.toReal(body.owner);
  const commandId = `signup ${body.id ?? randomUUID()}`;
  const { result } = await client.signUp({ accountId, ownerId, catalog: catalogName, commandId, ...clock.binding() });
  clock.bound(accountId);
  return result;
}

/** Steps that are commands, some under another name or with fields that read better in a scenario. */
function commandOf(names: LocalNames, step: AccountStep): Command {
  switch (step.kind) {
    case 'subscribe':
      return { type: 'subscribe', ...withoutAccount(step.body) };
    case 'contract':
      return { type: 'setContract', ...withoutAccount(step.body) };
    case 'recordPayment': {
      // Invoices are numbered within the account's own, longer name.
      const { number, ...body } = withoutAccount(step.body);
      return { type: 'recordPayment', ...body, number: numberOf(names, step.body.account, number) };
    }
    case 'creditInvoice': {
      const { number, line, amountCents, reason = CREDIT_REASON, ...body } = withoutAccount(step.body);
      const lines = [{ line, amountCents }];
      return { type: 'creditInvoice', ...body, number: numberOf(names, step.body.account, number), lines, reason };
    }
    case 'changePlan': {
      const { keep, ...body } = withoutAccount(step.body);
      return { type: 'changePlan', ...body, ...(keep === undefined ? {} : { keepMemberIds: keep.map(names.toReal) }) };
    }
    case 'addSeats':
      return { type: 'addSeats', count: step.body.count };
    case 'removeSeats': {
      const { member, ...body } = withoutAccount(step.body);
      return { type: 'removeSeats', ...body, ...(member === undefined ? {} : { memberId: names.toReal(member) }) };
    }
    case 'automaticAllocation':
      return { type: 'setAutomaticAllocation', ...withoutAccount(step.body) };
    case 'enableMember':
    case 'disableMember':
      return { type: step.kind, memberId: names.toReal(step.body.member) };
    case 'enableMembers':
      return { type: step.kind, memberIds: step.body.members.map(names.toReal) };
    case 'setCap':
      return { type: 'setCap', meter: step.body.meter, capCents: step.body.cents };
    case 'extendTrial':
      return { type: 'extendTrial', days: step.body.days };
    case 'migrateCatalog':
      return { type: 'migrateCatalog', ...withoutAccount(step.body) };
    case 'payOut':
      return { type: 'payOut', ...withoutAccount(step.body) };
    case 'cancel':
      return { type: 'cancel' };
    case 'resume':
      return { type: 'resume' };
    case 'close':
      return { type: 'close' };
    default:
      throw new Error(`${step.kind} is not a command`);
  }
}

/** `acme-0001`, as the invoices of the real account are numbered. */
function numberOf(names: LocalNames, account: string, number: string): string {
  return number.startsWith(`${account}-`) ? `${names.toReal(account)}${number.slice(account.length)}` : number;
}

function withoutAccount<Body extends { readonly account: string }>(body: Body): Omit<Body, 'account'> {
  const { account: _account, ...rest } = body;
  return rest;
}

function paymentMethodOf(card: string): string {
  return Object.hasOwn(CARDS, card) ? CARDS[card as keyof typeof CARDS] : card;
}

function usageOf(names: LocalNames, { account: _account, member, ...event }: StepBody<'use'>) {
  return member === undefined ? event : { ...event, member: personOf(names, member).id };
}

function holdOf(names: LocalNames, { account: _account, member, expiresIn, ...body }: StepBody<'hold'>) {
  return {
    ...body,
    ...(member === undefined ? {} : { member: personOf(names, member).id }),
    ...(expiresIn === undefined ? {} : { expiresInSeconds: expiresIn }),
  };
}

function runOf(names: LocalNames, { sender, visibility, minutes, id }: StepBody<'run'>) {
  return {
    kind: 'run' as const,
    sender: sender == null ? null : personOf(names, sender),
    visibility,
    ...(minutes === undefined ? {} : { minutes }),
    ...(id === undefined ? {} : { eventId: id }),
  };
}

/** The login stays as it is written: what it ends in decides whether it is a bot's (SEA-3). */
function personOf(names: LocalNames, person: Person): { id: string; login: string } {
  if (typeof person === 'string') return { id: names.toReal(person), login: person };
  return { id: names.toReal(person.id), login: person.login ?? person.id };
}
