import type { components } from '../../sdk/generated/openapi.ts';

export type Member = components['schemas']['Member'];

/** What a member is, in one word: enabled, on a seat that ends, or the reason why they are disabled. */
export type Standing = 'enabled' | 'leaving' | 'no_seat' | 'member_disabled' | 'seat_removed' | 'invited';

export const STANDINGS: readonly Standing[] = [
  'enabled',
  'leaving',
  'no_seat',
  'member_disabled',
  'seat_removed',
  'invited',
];

export function standingOf({ state, reason, seatEndsAt }: Member): Standing {
  if (state === 'enabled') return seatEndsAt === null ? 'enabled' : 'leaving';
  return STANDINGS.find((standing) => standing === reason) ?? 'no_seat';
}

export function isEnabled({ state }: Member): boolean {
  return state === 'enabled';
}

/** Whom disabling changes something for: also somebody who waits for a seat, whom an admin does not want to get one. */
export function canBeDisabled({ reason }: Member): boolean {
  return reason !== 'member_disabled';
}

export function matches({ member, login }: Member, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return login.toLowerCase().includes(wanted) || member.toLowerCase().includes(wanted);
}
