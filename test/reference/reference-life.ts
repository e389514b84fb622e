import { addSeconds, type Instant, isInstant, parseInstant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { type Body, type Outcome, ReferenceAccount } from './reference-account.ts';

/** A scenario's world: its clock, the versions of its catalog, who signed up. */
export class ReferenceLife {
  now: Instant;
  readonly accounts = new Map<string, ReferenceAccount>();
  #catalogs: readonly Catalog[];
  readonly #signups = new Map<string, { owner: string; id: string | undefined }>();

  constructor(catalog: Catalog, start: Instant) {
    this.#catalogs = [catalog];
    this.now = start;
  }

  play(kind: string, body: Body): Outcome {
    if (kind === 'signup') return this.#signUp(body);
    if (kind === 'outage') return { ok: true, answer: undefined };
    const account = this.accounts.get(String(body['account']));
    if (account === undefined) return { ok: false, code: 'unknown_account', limit: null };
    const { account: _name, ...rest } = body;
    return account.play(kind, rest);
  }

  moveTo(at: Instant): void {
    this.now = at;
    for (const account of this.accounts.values()) account.moveTo(at);
  }

  publish(catalog: Catalog): number {
    this.#catalogs = [...this.#catalogs, catalog];
    for (const account of this.accounts.values()) account.published(this.#catalogs);
    return this.#catalogs.length;
  }

  /** TRI-6: one account per owner; a repeated request gets the first answer; one trial. */
  #signUp({ account, owner, id }: Body): Outcome {
    const [name, who] = [String(account), String(owner)];
    const known = this.#signups.get(name);
    if (known !== undefined) {
      if (id !== undefined && known.id === id && known.owner === who) return { ok: true, answer: {} };
      const code = this.accounts.get(name)?.isClosed === true ? 'account_closed' : 'account_exists';
      return { ok: false, code, limit: null };
    }
    const others = [...this.#signups]
      .filter(([, signup]) => signup.owner === who)
      .map(([other]) => this.accounts.get(other));
    if (others.some((other) => other?.isClosed === false)) return { ok: false, code: 'account_exists', limit: null };
    this.#signups.set(name, { owner: who, id: id as string | undefined });
    const hadTrial = others.length > 0;
    this.accounts.set(
      name,
      new ReferenceAccount({ id: name, owner: who, at: this.now, catalogs: this.#catalogs, hadTrial }),
    );
    return { ok: true, answer: {} };
  }
}

/** Where a step of time leads; the clock stands still for every other. */
export function timeOf(step: Readonly<Record<string, unknown>>, now: Instant): Instant | null {
  if (step['at'] !== undefined) return isInstant(step['at']) ? step['at'] : parseInstant(step['at']);
  if (step['advance'] !== undefined) return addSeconds(now, durationOf(step['advance'] as string));
  if (step['outage'] !== undefined) return parseInstant((step['outage'] as { to: string }).to);
  return null;
}

export function durationOf(text: string): number {
  const seconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * seconds[unit!]!,
    0,
  );
}
