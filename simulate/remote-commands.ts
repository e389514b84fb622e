import { createHash } from 'node:crypto';

import type { Command } from '../billing/model/command.ts';
import type { HttpClient } from '../sdk/http-client.ts';
import { answered } from './remote-answer.ts';

interface Answer {
  readonly commandId: string;
  readonly effectiveAt: string;
  readonly result: Readonly<Record<string, unknown>>;
}

/** A command's id as a header can carry it: whatever it is made of, the same id is the same key. */
export function keyOf(commandId: string): { readonly 'idempotency-key': string } {
  return { 'idempotency-key': createHash('sha256').update(commandId).digest('hex') };
}

/** Asks for one command, under the route that it has. */
export function sendCommand(http: HttpClient, account: string, command: Command): Promise<Answer> {
  const path = { account };
  const params = { path };
  switch (command.type) {
    case 'setPaymentMethod':
      return answered(http.PUT('/v1/accounts/{account}/payment-method', { params, body: bodyOf(command) }));
    case 'subscribe':
      return answered(http.POST('/v1/accounts/{account}/subscription', { params, body: bodyOf(command) }));
    case 'changePlan': {
      const { keepMemberIds, ...rest } = bodyOf(command);
      const body = keepMemberIds === undefined ? rest : { ...rest, keepMemberIds: [...keepMemberIds] };
      return answered(http.PATCH('/v1/accounts/{account}/subscription', { params, body }));
    }
    case 'cancel':
      return answered(http.DELETE('/v1/accounts/{account}/subscription', { params }));
    case 'resume':
      return answered(http.POST('/v1/accounts/{account}/subscription/resume', { params }));
    case 'close':
      return answered(http.POST('/v1/accounts/{account}/close', { params }));
    case 'addSeats':
      return answered(http.POST('/v1/accounts/{account}/seats', { params, body: bodyOf(command) }));
    case 'removeSeats': {
      const { memberId, ...rest } = bodyOf(command);
      const query = memberId === undefined ? rest : { ...rest, member: memberId };
      return answered(http.DELETE('/v1/accounts/{account}/seats', { params: { path, query } }));
    }
    case 'setAutomaticAllocation':
      return answered(http.PUT('/v1/accounts/{account}/automatic-allocation', { params, body: bodyOf(command) }));
    case 'enableMember':
    case 'disableMember': {
      const body = { state: command.type === 'enableMember' ? ('enabled' as const) : ('disabled' as const) };
      const member = { ...path, member: command.memberId };
      return answered(http.PATCH('/v1/accounts/{account}/members/{member}', { params: { path: member }, body }));
    }
    case 'setCap': {
      const meter = { ...path, meter: command.meter };
      const body = { capCents: command.capCents };
      return answered(http.PUT('/v1/accounts/{account}/caps/{meter}', { params: { path: meter }, body }));
    }
    case 'enableMembers': {
      const body = { members: [...command.memberIds] };
      return answered(http.POST('/v1/accounts/{account}/members/enable', { params, body }));
    }
    case 'extendTrial':
      return answered(http.POST('/v1/accounts/{account}/trial-extension', { params, body: bodyOf(command) }));
    case 'migrateCatalog':
      return answered(http.POST('/v1/accounts/{account}/catalog-migration', { params, body: bodyOf(command) }));
    case 'setContract':
      return answered(http.PUT('/v1/accounts/{account}/contract', { params, body: bodyOf(command) }));
    case 'recordPayment': {
      const { number, ...body } = bodyOf(command);
      const invoice = { ...path, number };
      return answered(
        http.POST('/v1/accounts/{account}/invoices/{number}/record-payment', { params: { path: invoice }, body }),
      );
    }
    case 'creditInvoice': {
      const { number, lines, ...rest } = bodyOf(command);
      const body = { ...rest, invoice: number, lines: lines.map((line) => ({ ...line })) };
      return answered(http.POST('/v1/accounts/{account}/credit-notes', { params, body }));
    }
    case 'payOut':
      return answered(http.POST('/v1/accounts/{account}/payouts', { params, body: bodyOf(command) }));
    default:
      throw new Error(`no scenario has a step for ${command.type}`);
  }
}

function bodyOf<Asked extends Command>({ type: _type, ...body }: Asked): Omit<Asked, 'type'> {
  return body;
}
