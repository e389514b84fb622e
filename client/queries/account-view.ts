import {
  describeAccount,
  describeMembers,
  describeMetersInFull,
  describeRefusal,
} from '../../billing/views/describe.ts';
import type {
  AccountDocument,
  CreditNoteDocument,
  InvoiceDocument,
  MemberDocument,
  MeterDocument,
  MeterTold,
  UseRefused,
} from '../../billing/model/document.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { projectTo } from '../../billing/views/project.ts';
import type { AuditEntry, Facts, Subscription } from '../../billing/model/facts.ts';
import { withoutExpired } from '../../billing/usage/holds.ts';
import { Refusal } from '../../billing/refusal.ts';
import { isActingAdmin } from '../../billing/seats/acting-admin.ts';
import { catalogInForce } from '../../billing/model/catalog-in-force.ts';
import {
  type AccountFilter,
  accountPage,
  type AccountPlaceInList,
  auditPage,
  commandPage,
  creditNotePage,
  type Cut,
  findInvoice,
  invoicePage,
  noticePage,
  type StoredNotice,
} from '../../db/account/account-pages.ts';
import type { AnsweredCommand } from '../../db/account/commands.ts';
import { readConsistently } from '../../db/database.ts';
import { openHolds } from '../../db/usage/held-use.ts';
import type { AccountOverview } from '../../db/account/list-accounts.ts';
import { loadAccount, loadCatalogVersion, loadPlace } from '../../db/account/load-account.ts';
import { lastDaysOfUse } from '../../db/usage/usage-days.ts';
import type { Border } from '../context/border.ts';
import { creditNoteDocument, invoiceDocument } from './invoice-document.ts';
import { usageDetails, usageReport } from '../usage/usage-report.ts';

type Listed = 'members' | 'invoices' | 'creditNotes' | 'notices' | 'audit';

/** An account by itself. Its lists grow without end, so they are read a page at a time. */
export type AccountView = Omit<AccountDocument, Listed | 'meters'> & {
  /** Counts the decisions that were written about it. */
  readonly version: number;
  /** The instant it is for the account: on its test clock, or on the wall. */
  readonly now: Instant;
  readonly ownerId: string;
  readonly testClockId: string | null;
  readonly catalogVersion: number;
  /** The catalog's word for an account: workspace, organization. */
  readonly entity: string;
  readonly billingContacts: readonly string[];
  /** What customers read for the plan. */
  readonly planTitle: string | null;
  /** Of a paid plan: `scheduled` begins later, `suspended` waits for money after the last try; null: there is none. */
  readonly subscription: Subscription['state'] | null;
  /** Why nothing metered may be used now; null: it may. */
  readonly refused: UseRefused | null;
  readonly meters: Readonly<Record<string, MeterDocument & MeterTold>>;
};

export interface MemberView extends MemberDocument {
  /** The latest day (UTC) on which they used something that was not given back; null: never. */
  readonly lastUsedOn: string | null;
}

/** The version of a catalog that an account is on (CAT-2). */
export interface CatalogOfAccount {
  readonly name: string;
  readonly version: number;
  readonly catalog: Catalog;
}

interface Present {
  readonly facts: Facts;
  readonly catalog: Catalog;
  readonly version: number;
  readonly now: Instant;
  readonly testClockId: string | null;
}

/** Reading an account, and its lists a page at a time. Each asks for one item more than the page has: then there is a next page. */
export class AccountReader {
  readonly #border: Border;

  constructor(border: Border) {
    this.#border = border;
  }

  /** @throws Refusal `unknown_account`. */
  async view(accountId: string): Promise<AccountView> {
    const { facts, catalog, version, now, testClockId } = await this.#present(accountId);
    const { members: _members, ...described } = describeAccount(facts, catalog, now);
    const { ownerId, catalogVersion, billingEmails } = facts.account;
    return {
      ...described,
      ...{ version, now, ownerId, testClockId, catalogVersion, entity: catalog.entity, billingContacts: billingEmails },
      planTitle: described.plan === null ? null : (catalog.plans[described.plan]?.title ?? described.plan),
      subscription: facts.subscription?.state ?? null,
      refused: describeRefusal(facts, now),
      meters: describeMetersInFull(facts, catalog, now),
    };
  }

  /** SEA-17: whether somebody may act for the account as its admin, as it is now. @throws Refusal `unknown_account`. */
  async actsAsAdmin(accountId: string, memberId: string): Promise<boolean> {
    return isActingAdmin((await this.#present(accountId)).facts, memberId);
  }

  /** @throws Refusal `unknown_account`. */
  async catalog(accountId: string): Promise<CatalogOfAccount> {
    const version = await loadCatalogVersion(this.#border.db, accountId);
    const { catalogName, catalogVersion } = version;
    return { name: catalogName, version: catalogVersion, catalog: await this.#border.catalogs.get(version) };
  }

  /** By the time at which they became members. @throws Refusal `unknown_account`. */
  async members(accountId: string, { after, count }: Cut<readonly [string]>): Promise<readonly MemberView[]> {
    const all = describeMembers((await this.#present(accountId)).facts);
    // Nobody is ever taken out of the list or put into its middle, so whoever was last is a place.
    const from = after === null ? 0 : 1 + all.findIndex(({ member }) => member === after[0]);
    return this.#withLastUse(accountId, all.slice(from, from + count));
  }

  /** @throws Refusal `unknown_account`, `unknown_member`. */
  async member(accountId: string, memberId: string): Promise<MemberView> {
    const all = describeMembers((await this.#present(accountId)).facts);
    const [found] = await this.#withLastUse(
      accountId,
      all.filter(({ member }) => member === memberId),
    );
    if (found !== undefined) return found;
    throw new Refusal({ code: 'unknown_member', message: `There is no member "${memberId}".`, field: 'member' });
  }

  /** Past due first, then by id. */
  accounts(filter: AccountFilter, cut: Cut<AccountPlaceInList>): Promise<readonly AccountOverview[]> {
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
  async creditNotes(
    accountId: string,
    cut: Cut<readonly [Instant, string]>,
  ): Promise<readonly (CreditNoteDocument & { readonly creditNoteId: string })[]> {
    await loadPlace(this.#border.db, accountId);
    const notes = await readConsistently(this.#border.db, (snapshot) => creditNotePage(snapshot, accountId, cut));
    return notes.map((note) => ({ ...creditNoteDocument(note), creditNoteId: note.creditNoteId }));
  }

  /** Newest first. @throws Refusal `unknown_account`. */
  async audit(
    accountId: string,
    cut: Cut<readonly [number]>,
  ): Promise<readonly (AuditEntry & { readonly auditId: number })[]> {
    await loadPlace(this.#border.db, accountId);
    return auditPage(this.#border.db, accountId, cut);
  }

  /** What took effect, newest first; what was refused at once has left no trace. @throws Refusal `unknown_account`. */
  async commands(accountId: string, cut: Cut<readonly [Instant, string]>): Promise<readonly AnsweredCommand[]> {
    await loadPlace(this.#border.db, accountId);
    return commandPage(this.#border.db, accountId, cut);
  }

  /** Newest first. @throws Refusal `unknown_account`. */
  async notices(accountId: string, cut: Cut<readonly [number]>): Promise<readonly StoredNotice[]> {
    await loadPlace(this.#border.db, accountId);
    return noticePage(this.#border.db, accountId, cut);
  }

  /** Use by day and key (CRE-20). @throws Refusal `unknown_account`, `unknown_meter`, `invalid_request`. */
  usage(accountId: string, question: Parameters<typeof usageReport>[2] = {}): ReturnType<typeof usageReport> {
    return usageReport(this.#border, accountId, question);
  }

  /** Every day of use by all that it is kept by, as it is read. @throws Refusal as `usage`. */
  usageDetails(accountId: string, question: Parameters<typeof usageDetails>[2] = {}): ReturnType<typeof usageDetails> {
    return usageDetails(this.#border, accountId, question);
  }

  async #withLastUse(accountId: string, members: readonly MemberDocument[]): Promise<readonly MemberView[]> {
    const ids = members.map(({ member }) => member);
    const days = await lastDaysOfUse(this.#border.db, accountId, ids);
    return members.map((each) => ({ ...each, lastUsedOn: days.get(each.member) ?? null }));
  }

  async #present(accountId: string): Promise<Present> {
    const { facts, catalog, version, place, holds } = await readConsistently(this.#border.db, async (snapshot) => ({
      ...(await loadAccount(snapshot, accountId)),
      holds: await openHolds(snapshot, accountId),
    }));
    // After the facts, which are never ahead of the clock then.
    const now = await this.#border.now(accountId);
    const present = { ...facts, meterCycles: withoutExpired(facts.meterCycles, holds, now) };
    const projected = projectTo(present, catalog, now);
    const inForce = catalogInForce(projected, catalog);
    return { facts: projected, catalog: inForce, version, now, testClockId: place.testClockId };
  }
}
