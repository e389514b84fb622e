import type { AddressInfo } from 'node:net';

import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { parseInstant } from '../../billing/calendar/instant.ts';
import { noticeMail } from '../../billing/notices/notice-mail.ts';
import { startMailCourier } from '../../workers/outgoing/mail-courier.ts';
import {
  type Engine,
  openEngine,
  refusalCode,
  signUpOnClock,
  subscribedToCredits,
  subscribedToPro,
} from './engine-under-test.ts';

let engine: Engine;
let server: SMTPServer;
let mail: { smtpUrl: string; from: string };
const mails: ParsedMail[] = [];
/** What the server says to a message for somebody, next first; it takes it when there is nothing left to say. */
const answers = new Map<string, number[]>();

beforeAll(async () => {
  server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, callback) => {
      void simpleParser(stream).then((parsed) => {
        const responseCode = answers.get(session.envelope.rcptTo[0]?.address ?? '')?.shift();
        if (responseCode === undefined || responseCode < 400) mails.push(parsed);
        // 299: taken, and then the answer is lost.
        callback(responseCode === undefined ? null : Object.assign(new Error('not now'), { responseCode }));
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  mail = { smtpUrl: `smtp://127.0.0.1:${String(port)}`, from: 'Perennial <billing@perennial.test>' };
  engine = await openEngine({ mail });
});

afterAll(async () => {
  await engine.close();
  await new Promise<void>((resolve) => {
    server.close(resolve);
  });
});

const mailsTo = (address: string): readonly ParsedMail[] => mails.filter(({ to }) => to.text === address);
const arrived = async (address: string, count = 1): Promise<readonly ParsedMail[]> => {
  await vi.waitUntil(() => mailsTo(address).length >= count, { timeout: 20_000, interval: 50 });
  return mailsTo(address);
};

async function accountOf(...emails: readonly string[]): Promise<Awaited<ReturnType<typeof signUpOnClock>>> {
  const account = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-31T09:00:00Z', stem: 'mailed' });
  await engine.perennial.execute(account.accountId, { type: 'setBillingContacts', emails });
  return account;
}

describe('notices by mail', () => {
  it('TRI-7 CRE-15 given billing contacts, when the trial ends, then each reads the notices, once, plain and in HTML', async () => {
    const account = await accountOf('ada@example.com', 'bob@example.com');
    await account.advance('2027-02-20T00:00:00Z');
    const [toAda, toBob] = [await arrived('ada@example.com', 4), await arrived('bob@example.com', 4)];
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(mailsTo('ada@example.com')).toHaveLength(4);
    expect(toAda.map(({ subject }) => subject.replace(` (${account.accountId})`, '')).sort()).toEqual([
      'Your trial ends in 3 days',
      'Your trial ends in 7 days',
      'Your trial ends tomorrow',
      'Your trial has ended',
    ]);
    const ended = toAda.find(({ subject }) => subject.startsWith('Your trial has ended'));
    expect(ended?.from.text).toContain('billing@perennial.test');
    expect(ended?.text).toContain('subscribe to a plan to continue');
    expect(ended?.html).toContain('subscribe to a plan to continue');
    expect(new Set(toAda.map(({ messageId }) => messageId)).size).toBe(4);
    expect(new Set(toBob.map(({ messageId }) => messageId))).toEqual(new Set(toAda.map(({ messageId }) => messageId)));
  });

  it('INV-5 given a renewal that cannot be paid, then the mail names invoice, amount and the next try', async () => {
    const { accountId, advance } = await subscribedToPro(engine, {
      ...{ now: '2027-01-31T09:00:00Z', seats: 2, interval: 'month' },
    });
    await engine.perennial.execute(accountId, { type: 'setBillingContacts', emails: ['cleo@example.com'] });
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await advance('2027-03-01T00:00:00Z');
    const [failed] = await arrived('cleo@example.com');
    expect(failed?.subject).toMatch(/^Payment of invoice .+ failed/);
    expect(failed?.text).toMatch(/\$\d+\.\d\d for invoice/);
    expect(failed?.text).toContain('Mar 1, 2027, 09:00 UTC');
  });

  it('CRE-15 given use past a share of the cap, then the mail names the share, what was spent of how much, and the cycle', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: '2027-01-31T09:00:00Z', capCents: 1_200 });
    await engine.perennial.execute(accountId, { type: 'setBillingContacts', emails: ['gus@example.com'] });
    await engine.perennial.recordUsage(accountId, { feature: 'ask', credits: 3_000 });
    const mails = await arrived('gus@example.com', 5);
    const cap = mails.find(({ subject }) => subject.startsWith('50% of your overage cap used'));
    expect(cap?.text).toContain(
      '$6.00 of $12.00, in the billing cycle that started Jan 31, 2027, 09:00 UTC and ends Feb 28, 2027, 09:00 UTC.',
    );
  });

  it('given a server that is busy, when it takes the mail later, then it has the same Message-ID as a repeat would', async () => {
    await engine.worker.stop();
    await engine.worker.start();
    answers.set('dora@example.com', [451, 299]);
    const account = await accountOf('dora@example.com');
    await account.advance('2027-02-08T00:00:00Z');
    const first = await vi.waitUntil(
      () => engine.db('mails').where({ recipient: 'dora@example.com', attempts: 1 }).whereNotNull('problem').first(),
      { timeout: 20_000 },
    );
    expect([first.state, first.problem]).toEqual(['pending', expect.stringContaining('451')]);
    await arrived('dora@example.com');
    // The worker died before it could note that the mail was taken: it is tried again.
    await vi.waitUntil(
      async () =>
        (await engine.db('mails').where({ recipient: 'dora@example.com', attempts: 2 }).first()) !== undefined,
      { timeout: 20_000 },
    );
    await engine.worker.stop();
    await engine
      .db('mails')
      .where({ recipient: 'dora@example.com' })
      .update({ state: 'pending', nextAttemptAt: new Date() });
    const courier = startMailCourier({ db: engine.db, mail });
    const both = await arrived('dora@example.com', 2);
    await courier.stop();
    await engine.worker.start();
    expect(new Set(both.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('given a reader whom the server refuses for good, then it is given up, and the others have read it', async () => {
    answers.set('nobody@example.com', [550]);
    const account = await accountOf('nobody@example.com', 'eve@example.com');
    await account.advance('2027-02-08T00:00:00Z');
    await arrived('eve@example.com');
    await vi.waitUntil(
      async () => (await engine.db('mails').where({ recipient: 'nobody@example.com' }).first())?.state === 'failed',
      { timeout: 20_000 },
    );
  });

  it('given contacts, then they replace those before, and what is no address is refused', async () => {
    const { accountId } = await accountOf('a@example.com');
    const set = (emails: readonly string[]) =>
      engine.perennial.execute(accountId, { type: 'setBillingContacts', emails });
    expect((await set(['b@example.com', 'b@example.com'])).result).toEqual({ emails: ['b@example.com'] });
    expect((await engine.db('accounts').where({ accountId }).first())?.billingEmails).toEqual(['b@example.com']);
    for (const wrong of [
      'nobody',
      'a@b\r\nBcc: c@d',
      'A <a@example.com>',
      'a@example.com,b@example.com',
      `${'a'.repeat(300)}@x.y`,
    ]) {
      expect(await refusalCode(set([wrong]))).toBe('invalid_request');
    }
    expect((await set([])).result).toEqual({ emails: [] });
  });

  it('given names that mean something in HTML or in a header, then the mail shows them and does nothing else', () => {
    const account = { accountId: 'acme', currency: 'usd' };
    const at = parseInstant('2027-01-31T09:00:00Z');
    const member = '<img src=x onerror="alert(1)">\r\nBcc: all@example.com';
    const { subject, text, html } = noticeMail(account, {
      ...{ at, kind: 'seat_added_automatically' },
      detail: { member, amountCents: 1_234 },
    });
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img');
    expect(text).toContain('$12.34');
    const share = noticeMail(account, { at, kind: 'spending_cap_75', detail: { percent: 75, cycleEnd: at } });
    expect(share.subject).toBe('75% of your spending cap used (acme)');
    const unknown = noticeMail(account, { at, kind: 'something_new', detail: { percent: 50 } });
    expect(unknown.text).toContain('Something new. percent: 50');
  });
});
