import { createHash } from 'node:crypto';

import { createTransport } from 'nodemailer';

import { noticeMail } from '../../billing/notices/notice-mail.ts';
import type { Database } from '../../db/database.ts';
import { claimMails, type ClaimedMail, type MailVerdict, settleMail } from '../../db/outbox/mails.ts';
import { poll, type Polling } from '../polling/poll.ts';
import { RETRY_DELAYS_SECONDS } from './retry-delays.ts';

/** Where mail is handed over, and in whose name. */
export interface MailSettings {
  /** `smtp://user:password@host:587`, `smtps://…`. */
  readonly smtpUrl: string;
  /** `billing@example.com`, or `Billing <billing@example.com>`. */
  readonly from: string;
}

export interface MailContext {
  readonly db: Database;
  readonly mail: MailSettings;
  /** The installation's clock; a test moves it past the waits. */
  readonly now?: () => Date;
}

const POLL_INTERVAL_MS = 1_000;
const MAILS_AT_ONCE = 5;
const TIMEOUT_MS = 20_000;

/**
 * Mails notices to the people that an account names (CRE-15, TRI-7). Twice (a worker died between the server's yes and our note of it): the
 * mail comes again under the same Message-ID, by which mailboxes know it. Refused for good (5xx): given up at once; else tried as
 * webhooks are.
 */
export function startMailCourier({ db, mail, now = () => new Date() }: MailContext): Polling {
  const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  const transport = createTransport({ url: mail.smtpUrl, pool: true, maxConnections: 2, ...timeouts });
  const polling = poll('sending mail', POLL_INTERVAL_MS, async () => {
    const claimed = await claimMails(db, { limit: MAILS_AT_ONCE, now: now() });
    await Promise.all(
      claimed.map(async (each) => {
        const verdict = await send(each).then(
          (): MailVerdict => ({ state: 'sent' }),
          (error: unknown) => verdictOn(error, each.attempts, now()),
        );
        await settleMail(db, each.mailId, verdict);
      }),
    );
    return claimed.length === MAILS_AT_ONCE;
  });
  const send = async (claimed: ClaimedMail): Promise<void> => {
    const { recipient, notice, accountId, currency } = claimed;
    await transport.sendMail({
      ...noticeMail({ accountId, currency }, notice),
      ...{ from: mail.from, to: recipient, messageId: messageIdOf(claimed, mail.from) },
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  };
  return {
    stop: async () => {
      await polling.stop();
      transport.close();
    },
  };
}

/** The same for every try and every reader of a notice; of no other notice, nor of another installation's. */
function messageIdOf({ accountId, noticeId, notice }: ClaimedMail, from: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, noticeId, notice.at, notice.kind]))
    .digest('hex');
  return `<notice.${String(noticeId)}.${digest.slice(0, 24)}@${/@([\w.-]+)/.exec(from)?.[1] ?? 'perennial.invalid'}>`;
}

function verdictOn(error: unknown, attempts: number, now: Date): MailVerdict {
  const problem = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  const delaySeconds = RETRY_DELAYS_SECONDS[attempts - 1];
  if (isRefusedForGood(error) || delaySeconds === undefined) return { state: 'failed', problem };
  return { state: 'pending', nextAttemptAt: new Date(now.getTime() + delaySeconds * 1000), problem };
}

/** RFC 5321: 5yz is permanent. But 535, wrong credentials, is ours to mend, and the mail waits for it. */
function isRefusedForGood(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error)) return false;
  const { responseCode } = error;
  return typeof responseCode === 'number' && responseCode >= 500 && responseCode !== 535;
}
