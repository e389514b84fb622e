import { describe, expect, it } from 'vitest';

import type { Invoice } from '../../../billing/model/facts.ts';
import { INVOICE_STATUS_MOVES, type InvoiceStatus } from '../../../billing/model/invoice-status.ts';
import type { Moves } from '../../../billing/model/moves.ts';
import { type Phase, PHASE_MOVES } from '../../../billing/model/phase.ts';
import { SUBSCRIPTION_MOVES, type SubscriptionStanding } from '../../../billing/model/subscription-state.ts';
import {
  addInvoice,
  beginTurn,
  changeInvoice,
  moveInvoice,
  moveSubscription,
  moveTo,
  removeSubscription,
  scheduleSubscription,
  type Turn,
} from '../../../billing/model/turn.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { AccountInMemory as Account, catalogNamed, instant } from '../account-in-memory.ts';

const catalog = catalogNamed('codspeed');
const at = instant('2027-01-10T00:00:00Z');

/** An account that is subscribed, and has one invoice that waits to be paid. */
const account = new Account(catalog, '2027-01-01T00:00:00Z').withCard();
account.card = { kind: 'failed', reason: 'declined', detail: '' };
account.do('subscribe', { plan: 'pro', seats: 1, startNow: true });
const { facts } = account;
const subscription = facts.subscription!;
const invoice: Omit<Invoice, 'status'> = { ...facts.liveInvoices[0]!, invoiceId: 'acme/cycle/again' };

const turnOf = (changed: Partial<typeof facts> = {}): Turn =>
  beginTurn({ ...facts, ...changed }, catalog, { at, actor: 'perennial', commandId: null });

/** Every pair of states, and whether the setter made the move. */
function movesMade<State extends string>(moves: Moves<State>, move: (from: State, to: State) => void): Moves<State> {
  const states = Object.keys(moves) as State[];
  const made = states.map((from): [State, readonly State[]] => [from, states.filter((to) => isMade(from, to))]);
  return Object.fromEntries(made) as unknown as Moves<State>;

  function isMade(from: State, to: State): boolean {
    if (from === to) return false;
    try {
      move(from, to);
      return true;
    } catch (error) {
      // Where there is no subscription there is none to move.
      if (error instanceof Refusal && error.code === 'not_subscribed') return false;
      expect(String(error)).toMatch(new RegExp(`^Error: illegal [a-z ]+ move ${from} → ${to} at ${at}$`));
      return false;
    }
  }
}

/** The order in which a state goes on to others says nothing. */
const sorted = <State extends string>(moves: Moves<State>): Moves<State> =>
  Object.fromEntries(Object.entries<readonly State[]>(moves).map(([from, next]) => [from, next.toSorted()])) as never;

function reachedFrom<State extends string>(moves: Moves<State>, first: State): ReadonlySet<State> {
  const reached = new Set<State>([first]);
  for (const state of reached) for (const next of moves[state]) reached.add(next);
  return reached;
}

describe('the three state machines of an account', () => {
  it('AUD-1 given each two phases, when an account is moved, then what the table has is done, and nothing else', () => {
    const made = movesMade<Phase>(PHASE_MOVES, (from, to) => {
      const turn = turnOf({ account: { ...facts.account, phase: from } });
      moveTo(turn, to);
      expect(turn.facts.account.phase).toBe(to);
    });
    expect(sorted(made)).toEqual(sorted(PHASE_MOVES));
  });

  it('INV-5 INV-6 CRE-19 given each two states, when a subscription begins, moves or ends, then what the table has is done, and nothing else', () => {
    const made = movesMade<SubscriptionStanding>(SUBSCRIPTION_MOVES, (from, to) => {
      const turn = turnOf({ subscription: from === 'none' ? null : { ...subscription, state: from } });
      if (to === 'none') removeSubscription(turn);
      else if (to === 'scheduled') scheduleSubscription(turn, subscription);
      else moveSubscription(turn, to);
      expect(turn.facts.subscription?.state ?? 'none').toBe(to);
    });
    expect(sorted(made)).toEqual(sorted(SUBSCRIPTION_MOVES));
  });

  it('INV-1 INV-4 given each two statuses, when an invoice is moved, then what the table has is done, and nothing else', () => {
    const made = movesMade<InvoiceStatus>(INVOICE_STATUS_MOVES, (from, to) => {
      const before: Invoice = { ...invoice, status: from };
      const turn = turnOf({ liveInvoices: [before] });
      moveInvoice(turn, before, to);
      const after = [...turn.facts.liveInvoices, ...turn.settledInvoices];
      expect(after.map(({ invoiceId, status }) => [invoiceId, status])).toEqual([['acme/cycle/again', to]]);
      // One that needs nothing more leaves the facts.
      expect(turn.settledInvoices).toHaveLength(to === 'open' ? 0 : 1);
    });
    expect(sorted(made)).toEqual(sorted(INVOICE_STATUS_MOVES));
  });

  it('INV-1 given an invoice, when it is added, then it is a draft; what changes beside its status moves nothing', () => {
    const turn = turnOf({ liveInvoices: [] });
    addInvoice(turn, invoice);
    const [draft] = turn.facts.liveInvoices;
    expect(draft?.status).toBe('draft');
    changeInvoice(turn, draft!, { attempts: 2 });
    expect(turn.facts.liveInvoices).toEqual([{ ...draft!, attempts: 2 }]);
    expect(turn.settledInvoices).toEqual([]);
  });

  it('AUD-1 given where each begins, then every state is reached, and only an invoice that has ended leads nowhere', () => {
    expect([...reachedFrom(PHASE_MOVES, 'trialing')].sort()).toEqual(Object.keys(PHASE_MOVES).sort());
    expect([...reachedFrom(SUBSCRIPTION_MOVES, 'none')].sort()).toEqual(Object.keys(SUBSCRIPTION_MOVES).sort());
    expect([...reachedFrom(INVOICE_STATUS_MOVES, 'draft')].sort()).toEqual(Object.keys(INVOICE_STATUS_MOVES).sort());
    const ends = [PHASE_MOVES, SUBSCRIPTION_MOVES, INVOICE_STATUS_MOVES].flatMap((moves) =>
      Object.entries<readonly string[]>(moves).flatMap(([state, next]) => (next.length === 0 ? [state] : [])),
    );
    expect(ends).toEqual(['paid', 'void', 'carried']);
  });
});
