/** The rule that an amount follows, in words; invoices as PDF have the same sentences (`server/pdf/explanation-in-words.ts`). */
export const RULE_SENTENCES: Readonly<Record<string, string>> = {
  'INV-2': 'Packs are charged in advance for the whole cycle.',
  'CRE-18': 'The contract price is charged in advance for the whole term.',
  'SBI-1': 'Seats are charged in advance for the whole term.',
  'SBI-2': 'Seats added during a monthly term are charged for the rest of the month.',
  'SBI-3': 'Seats added during a yearly term are charged for the rest of the term.',
  'SBI-9': 'When a term ends early, the unused part of what was paid for it is credited.',
  'CRE-5': 'Overage is charged at the rate of the plan or pack.',
  'CRE-12': 'Usage that arrives late is charged at the terms of the cycle it belongs to.',
  'CRE-14': 'Reversed usage is credited at the price it was charged.',
  'CRE-16': 'A bigger pack starts right away, and the difference in price is charged for the rest of the cycle.',
  'BUD-1': 'Usage beyond what’s included is added up over the cycle, rounded up once and charged at the agreed price.',
  'BUD-2': 'Usage beyond the budget isn’t charged.',
  'INV-7': 'Credit notes issued to the balance are deducted from the next invoice.',
  'MON-6': 'Totals below the minimum charge are carried over to the next invoice, or written off if there is none.',
};

/** Sentences for lines that take back, restore or pay out what an earlier line credited; known by what they were computed from. */
export const CREDIT_SENTENCES: Readonly<Record<string, string>> = {
  givenBackCents: 'A credit is reversed if the charge it was for is never paid.',
  takenBackCents: 'A reversed credit is restored once the charge it was for is paid.',
  waitingCents: 'A credit balance that remains after a subscription ends is paid out.',
};

/** What inputs are called where their names, spaced, would not do. */
export const INPUT_NAMES: Readonly<Record<string, string>> = {
  alreadyGivenBackCents: 'Already credited or never paid',
  billedCents: 'Already billed',
  cycleSeconds: 'Seconds in the cycle',
  givenBackCents: 'Credited',
  leftCents: 'Left to credit',
  takenBackCents: 'Reversed credit',
  waitingCents: 'Credit balance',
};

/** Null for a rule that is not known here. */
export function ruleSentence(rule: string, inputs: Readonly<Record<string, unknown>>): string | null {
  const special = Object.keys(CREDIT_SENTENCES).find((name) => name in inputs);
  return (special === undefined ? RULE_SENTENCES[rule] : CREDIT_SENTENCES[special]) ?? null;
}
