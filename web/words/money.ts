/** What a money field says of what was typed. `or` texts are amounts as they should be typed. */
export const words = {
  example: (amount: string) => `Enter an amount like ${amount}.`,
  usePoint: (amount: string) => `Use a point: ${amount}`,
  write: (amounts: readonly string[]) => `Write ${amounts.join(' or ')}.`,
  ambiguous: (amounts: readonly string[]) => `This can be read two ways. Write ${amounts.join(' or ')}.`,
  grouping: 'Group digits in threes, or not at all.',
  noDecimals: (currency: string, amount: string) => `${currency} has no decimals. Write ${amount}.`,
  tooFine: (currency: string, decimals: number, amount: string) =>
    `${currency} has at most ${String(decimals)} decimals, like ${amount}.`,
  step: (currency: string, step: string, amounts: readonly string[]) =>
    `${currency} is charged in steps of ${step}. Write ${amounts.join(' or ')}.`,
  otherCurrency: (currency: string) => `Amounts here are in ${currency}.`,
  tooLarge: 'This amount is too large.',
  atMost: (amount: string) => `At most ${amount}`,
} as const;
