import { PDFParse } from 'pdf-parse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpClient } from '../../sdk/http-client.ts';
import { attachmentNamed } from '../../server/answers/attachment-name.ts';
import { type AccountOnClock, signUpOnClock, subscribedToPro } from '../engine/engine-under-test.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

const NOW = '2027-01-01T00:00:00Z';
let api: ApiUnderTest;
let client: HttpClient;

beforeAll(async () => {
  api = await openApi();
  ({ client } = api);
});

afterAll(async () => {
  await api.close();
});

const pro = (stem: string, seats = 10): Promise<AccountOnClock> =>
  subscribedToPro(api.engine, { now: NOW, seats, interval: 'month', stem });

function adminOf(accountId: string): { readonly admin: HttpClient; readonly token: string } {
  const token = api.tokenOf({ kind: 'portal', accountId, role: 'admin', memberId: 'ada' });
  return { admin: api.clientOf(token), token };
}

const newest = async (account: string) => {
  const { data } = await client.GET('/v1/accounts/{account}/invoices', { params: { path: { account } } });
  return data!.items[0]!;
};

describe('an invoice on paper', () => {
  const fetchPdf = (account: string, number: string, token: string, more: Readonly<Record<string, string>> = {}) =>
    fetch(`${api.url}/v1/accounts/${encodeURIComponent(account)}/invoices/${encodeURIComponent(number)}.pdf`, {
      headers: { authorization: `Bearer ${token}`, ...more },
    });

  it('MON-5 given an invoice of an account in any script, when its admin asks for the file, then it is the invoice, by its own name, and for them alone', async () => {
    const { accountId } = await pro('eule 🦉 "x"/../y.pdf', 2);
    const { token } = adminOf(accountId);
    const { number } = await newest(accountId);
    const answer = await fetchPdf(accountId, number!, token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    const disposition = answer.headers.get('content-disposition') ?? '';
    expect(disposition).toMatch(/^attachment; filename="[\w.-]+\.pdf"; filename\*=UTF-8''[\w.%~-]+\.pdf$/);
    expect(decodeURIComponent(disposition.split("UTF-8''")[1]!)).toBe(`invoice-${number!.replaceAll('/', '_')}.pdf`);
    const parser = new PDFParse({ data: new Uint8Array(await answer.arrayBuffer()) });
    const { text } = await parser.getText();
    await parser.destroy();
    expect(text).toContain('From codspeed');
    expect(text.replace(/\s+/g, ' ')).toMatch(/Total \$40\.00 USD/);
    const etag = answer.headers.get('etag') ?? '';
    expect((await fetchPdf(accountId, number!, token, { 'if-none-match': etag })).status).toBe(304);
    const member = api.tokenOf({ kind: 'portal', accountId, role: 'member', memberId: 'mia' });
    expect((await fetchPdf(accountId, number!, member)).status).toBe(403);
    const none = await fetchPdf(accountId, 'none', token);
    expect([none.status, none.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  });

  it('given names that would end a header or mean a folder, then neither is left in them', () => {
    expect(attachmentNamed('invoice-acme-0001.pdf')).toBe(
      `attachment; filename="invoice-acme-0001.pdf"; filename*=UTF-8''invoice-acme-0001.pdf`,
    );
    expect(attachmentNamed('a"; x=../é')).toBe(
      `attachment; filename="a___x_..__"; filename*=UTF-8''a%22%3B%20x%3D.._%C3%A9`,
    );
  });
});

describe('paying', () => {
  it('INV-6 given a renewal that failed, when its admin has it tried with another card, then service is back; paid ones are not tried', async () => {
    const { accountId, advance } = await pro('late');
    await api.engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await advance('2027-02-01T00:00:00Z');
    const { number, status } = await newest(accountId);
    expect(status).toBe('open');
    const { admin } = adminOf(accountId);
    const params = { path: { account: accountId, number: number! } };
    const pay = (key: string) =>
      admin.POST('/v1/accounts/{account}/invoices/{number}/pay', {
        params: { ...params, header: { 'idempotency-key': key } },
      });
    expect((await pay('too early')).error).toMatchObject({ code: 'payment_failed', status: 402 });
    const path = { account: accountId };
    const body = { paymentMethodId: 'pm_card_visa' };
    await admin.PUT('/v1/accounts/{account}/payment-method', { params: { path }, body });
    expect((await newest(accountId)).status).toBe('paid');
    expect((await pay('again')).error).toMatchObject({ code: 'invoice_not_open', status: 409 });
    const none = { path: { account: accountId, number: 'none' } };
    const unknown = await admin.POST('/v1/accounts/{account}/invoices/{number}/pay', { params: none });
    expect(unknown.error).toMatchObject({ code: 'unknown_invoice', status: 404 });
    const own = await admin.POST('/v1/accounts/{account}/invoices/{number}/record-payment', { params, body: {} });
    expect(own.error).toMatchObject({ code: 'forbidden' });
  });

  it('CRE-18 given a contract that an operator set, when its invoice is noted as paid, then it is, and its terms are shown', async () => {
    const { accountId } = await signUpOnClock(api.engine, { catalog: 'qodo', now: NOW });
    const path = { account: accountId };
    const body = {
      ...{ plan: 'enterprise', interval: 'year' as const, priceCents: 1_200_000, invoiceDueDays: 30, startNow: true },
      meters: { credits: { includedPerMonth: 50_000, overage: { cents: 1, per: 1 }, capCents: 500_000 } },
      attributes: { support: '24 × 7' },
    };
    const refused = await adminOf(accountId).admin.PUT('/v1/accounts/{account}/contract', { params: { path }, body });
    expect(refused.error?.code).toBe('forbidden');
    const set = await client.PUT('/v1/accounts/{account}/contract', { params: { path }, body });
    expect(set.error).toBeUndefined();
    const { data } = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(data).toMatchObject({
      ...{
        plan: 'enterprise',
        phase: 'active',
        contract: { priceCents: 1_200_000, attributes: { support: '24 × 7' } },
      },
      meters: { credits: { included: 50_000, rate: { cents: 1, per: 1 }, capCents: 500_000 } },
    });
    const { number, dueAt } = await newest(accountId);
    expect(dueAt).toBe('2027-01-31T00:00:00Z');
    const params = { path: { account: accountId, number: number! } };
    const paid = await client.POST('/v1/accounts/{account}/invoices/{number}/record-payment', {
      ...{ params, body: { reference: 'transfer of January 3' } },
    });
    expect(paid.error).toBeUndefined();
    expect((await newest(accountId)).status).toBe('paid');
    const wrong = { ...body, plan: 'pro-teams' };
    const selfServe = await client.PUT('/v1/accounts/{account}/contract', { params: { path }, body: wrong });
    expect(selfServe.error).toMatchObject({ code: 'invalid_request', field: 'plan' });
  });
});

describe('giving back, and whom it is told to', () => {
  it('INV-7 given a paid invoice, when an operator credits it twice, then the credit notes come by pages, newest first, and never exceed it', async () => {
    const { accountId, advance } = await pro('credited');
    const path = { account: accountId };
    const credit = (amountCents: number, to: 'card' | 'balance', key?: string) =>
      client.POST('/v1/accounts/{account}/credit-notes', {
        params: { path, ...(key === undefined ? {} : { header: { 'idempotency-key': key } }) },
        body: { invoice: `${accountId}-0001`, lines: [{ line: 1, amountCents }], reason: 'Down for a day', to },
      });
    const first = await credit(1_500, 'card', 'sorry');
    expect(first.data?.result).toMatchObject({ creditNote: `${accountId}-CN-0001`, total: 1_500 });
    expect((await credit(1_500, 'card', 'sorry')).data).toEqual(first.data);
    await advance('2027-01-02T00:00:00Z');
    await credit(500, 'balance');
    expect((await credit(1_000_000, 'card')).error).toMatchObject({ code: 'credit_exceeds_paid', status: 409 });
    const { admin } = adminOf(accountId);
    const page = await admin.GET('/v1/accounts/{account}/credit-notes', { params: { path, query: { limit: 1 } } });
    expect(page.data?.items).toMatchObject([{ number: `${accountId}-CN-0002`, total: 500, destination: 'balance' }]);
    const cursor = page.data!.nextCursor!;
    const rest = await admin.GET('/v1/accounts/{account}/credit-notes', { params: { path, query: { cursor } } });
    expect(rest.data).toMatchObject({
      items: [{ number: `${accountId}-CN-0001`, invoice: `${accountId}-0001`, total: 1_500, status: 'refunded' }],
      nextCursor: null,
    });
    const body = { invoice: `${accountId}-0001`, lines: [{ line: 1, amountCents: 1 }], reason: 'Mine' };
    const own = await admin.POST('/v1/accounts/{account}/credit-notes', { params: { path }, body });
    expect(own.error?.code).toBe('forbidden');
  });

  it('CRE-15 given an admin, when they set whom notices are mailed to, then the account says so; an address that is none is named', async () => {
    const { accountId } = await pro('told', 1);
    const path = { account: accountId };
    const { admin } = adminOf(accountId);
    const put = (emails: string[]) =>
      admin.PUT('/v1/accounts/{account}/billing-contacts', { params: { path }, body: { emails } });
    expect((await put(['ada@example.com', 'bob@example.com'])).error).toBeUndefined();
    const { data } = await admin.GET('/v1/accounts/{account}', { params: { path } });
    expect(data).toMatchObject({ billingContacts: ['ada@example.com', 'bob@example.com'] });
    expect((await put(['ada@example.com\r\nBcc: all'])).error).toMatchObject({
      code: 'invalid_request',
      field: 'emails',
    });
    expect((await put([])).error).toBeUndefined();
  });
});
