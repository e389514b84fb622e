import { describeAccount } from '../billing/account/describe.ts';
import type { AccountDocument, InvoiceDocument } from '../billing/account/document.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import { projectTo } from '../billing/account/project.ts';
import type { AuditEntry } from '../billing/facts/facts.ts';
import { Refusal } from '../billing/refusal.ts';
import {
  type AccountFilter,
  accountPage,
  auditPage,
  type Cut,
  findInvoice,
  invoicePage,
  noticePage,
} from '../db/account-pages.ts';
import { readConsistently } from '../db/database.ts';
import type { AccountListing } from '../db/list-accounts.ts';
import { loadAccount, loadPlace } from '../db/load-account.ts';
import type { Border } from './border.ts';
import { invoiceDocument } from './invoice-document.ts';

export type MemberDocument = AccountDocument['members'][number];

/** An account by itself. Its lists grow without end, so they are read a page at a time. */
export type AccountView = Omit<AccountDocument, 'members' | 'invoices' | 'creditNotes' | 'notices' | 'audit'> & {
  /** Counts the decisions that were written about it. */
  readonly version: number;
};

/** Reading an account, and its lists a page at a time. Each asks for one item more than the page has: then there is a next page. */
export class AccountReader {
  readonly #border: Border;

  constructor(border: Border) {
    this.#border = border;
  }

  /** @throws Refusal `unknown_account`. */
  async view(accountId: string): Promise<AccountView> {
    const { version, members: _members, ...described } = await this.#described(accountId);
    return { ...described, version };
  }

  /** By the time at which they became members. @throws Refusal `unknown_account`. */
  async members(accountId: string): Promise<readonly MemberDocument[]> {
    return (await this.#described(accountId)).members;
  }

  /** @throws Refusal `unknown_account`, `unknown_member`. */
  async member(accountId: string, memberId: string): Promise<MemberDocument> {
    const found = (await this.members(accountId)).find(({ member }) => member === memberId);
    if (found !== undefined) return found;
    throw new Refusal({ code: 'unknown_member', message: `There is no member "${memberId}".`, field: 'member' });
  }

  /** By id. */
  accounts(filter: AccountFilter, cut: Cut<readonly [string]>): Promise<readonly AccountListing[]> {
    return accountPage(this.#border.db, filter, cut);
  }

  /** Newest first, drafts included. @throws Refusal `unknown_account`. */
  async invoices(
    accountId: string,
    cut: Cut<readonly [Instant, string]>,
  ): Promise<readonly (InvoiceDocument & { readonly invoiceId: string })[]> {
    await loadPlace(this.#border.db, accountId);
    const invoices = await readConsistently(this.#border.db, (snapshot) => invoicePage(snapshot, accountId, cut));
    return invoices.map((invoice) => ({
      ...invoiceDocument(invoice, invoice.stripe),
      invoiceId: invoice.invoiceId,
    }));
  }

  /** @throws Refusal `unknown_account`, `unknown_invoice`. */
  async invoice(accountId: string, number: string): Promise<InvoiceDocument> {
    await loadPlace(this.#border.db, accountId);
    const invoice = await readConsistently(this.#border.db, (snapshot) => findInvoice(snapshot, accountId, number));
    if (invoice !== null) return invoiceDocument(invoice, invoice.stripe);
    throw new Refusal({ code: 'unknown_invoice', message: `There is no invoice "${number}".`, field: 'number' });
  }

  /** Newest first. @throws Refusal `unknown_account`. */
  async audit(
    accountId: string,
    cut: Cut<readonly [number]>,
  ): Promise<readonly (AuditEntry & { readonly auditId: number })[]> {
    await loadPlace(this.#border.db, accountId);
    return auditPage(this.#border.db, accountId, cut);
  }

  /** Newest first. @throws Refusal `unknown_account`. */
  async notices(
    accountId: string,
    cut: Cut<readonly [number]>,
  ): Promise<readonly (AccountDocument['notices'][number] & { readonly noticeId: number })[]> {
    await loadPlace(this.#border.db, accountId);
    return noticePage(this.#border.db, accountId, cut);
  }

  async #described(accountId: string): Promise<ReturnType<typeof describeAccount> & { readonly version: number }> {
    const { facts, catalog, version } = await readConsistently(this.#border.db, (snapshot) =>
      loadAccount(snapshot, accountId),
    );
    // After the facts, which are never ahead of the clock then.
    const now = await this.#border.now(accountId);
    return { ...describeAccount(projectTo(facts, catalog, now), catalog, now), version };
  }
}
