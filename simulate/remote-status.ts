import type { AccountDocument, InvoiceDocument, MeterDocument } from '../billing/model/document.ts';
import type { HttpClient } from '../sdk/http-client.ts';
import { answered } from './remote-answer.ts';

/** What a document of a scenario has of an account by itself; the API says more. */
const FIELDS = [
  ...(['accountId', 'catalog', 'currency', 'phase', 'plan', 'interval', 'pack', 'trialEndsAt', 'closedAt'] as const),
  ...(['cycle', 'scheduledChange', 'contract', 'paymentMethod', 'automaticAllocation', 'seats', 'next'] as const),
] satisfies readonly (keyof AccountDocument)[];
const METER_FIELDS = [
  ...(['included', 'usedIncluded', 'overage', 'overageCents', 'capCents', 'held', 'trial', 'refusals'] as const),
  'renewsAt',
  'overageBeforeBiggerPack',
] satisfies readonly (keyof MeterDocument)[];
const MEMBER_FIELDS = ['member', 'login', 'role', 'state', 'reason'] as const;
const NOTICE_FIELDS = ['at', 'kind', 'detail'] as const;

const LARGEST_PAGE = 100;

/** An account as `Perennial.status` has it, put together from its pages: nothing moves in between, because its clock stands still. */
export async function readStatus(http: HttpClient, account: string): Promise<AccountDocument> {
  const path = { account };
  const view = await answered(http.GET('/v1/accounts/{account}', { params: { path } }));
  if (!('currency' in view)) throw new Error('the key reads accounts as a member does, without amounts');
  const members = await everyPage((query) =>
    answered(http.GET('/v1/accounts/{account}/members', { params: { path, query } })),
  );
  const invoices = await everyPage((query) =>
    answered(http.GET('/v1/accounts/{account}/invoices', { params: { path, query } })),
  );
  const creditNotes = await everyPage((query) =>
    answered(http.GET('/v1/accounts/{account}/credit-notes', { params: { path, query } })),
  );
  const notices = await everyPage((query) =>
    answered(http.GET('/v1/accounts/{account}/notices', { params: { path, query } })),
  );
  const audit = await everyPage((query) =>
    answered(http.GET('/v1/accounts/{account}/audit', { params: { path, query } })),
  );
  const meters = Object.entries(view.meters).map(([name, meter]) => [name, pick(meter, METER_FIELDS)]);
  const document = {
    ...pick(view, FIELDS),
    meters: Object.fromEntries(meters) as Record<string, unknown>,
    members: members.map((each) => pick(each, MEMBER_FIELDS)),
    invoices: (invoices.reverse() as unknown as InvoiceDocument[]).sort(byIssue),
    creditNotes: creditNotes.reverse(),
    notices: notices
      .reverse()
      .sort(byTime)
      .map((each) => pick(each, NOTICE_FIELDS)),
    audit: audit.reverse().sort(byTime),
  };
  // The API's schemas are held to this type (server/schemas/documents.ts); in its document instants are plain texts.
  return document as unknown as AccountDocument;
}

interface Query {
  readonly limit: number;
  readonly cursor?: string;
}

async function everyPage<Item>(
  ask: (query: Query) => Promise<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: { readonly items: readonly Item[]; readonly nextCursor: string | null } = await ask({
      limit: LARGEST_PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

function pick<Whole extends object>(whole: Whole, names: readonly string[]): Partial<Whole> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name))) as Partial<Whole>;
}

/** Sorting is stable: what was written at one instant stays in the order of its writing. */
function byTime(a: { readonly at: string }, b: { readonly at: string }): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}

/** A draft has no number yet, and comes last. */
function byIssue(a: InvoiceDocument, b: InvoiceDocument): number {
  const [first, second] = [a, b].map(({ issuedAt, number }) => `${issuedAt} ${number === null ? '1' : `0 ${number}`}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
