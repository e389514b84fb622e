/** What a money field says of what was typed. `or` texts are amounts as they should be typed. */
export const words = {
  example: (amount: string) => `Enter an amount like ${amount}.`,
  usePoint: (amount: string) => `Use a point: ${amount}`,
  write: (amounts: readonly string[]) => `Enter ${amounts.join(' or ')}.`,
  ambiguous: (amounts: readonly string[]) => `This can be read two ways. Enter ${amounts.join(' or ')}.`,
  grouping: 'Group digits in threes, or don’t group them.',
  noDecimals: (currency: string, amount: string) => `${currency} has no decimals. Enter ${amount}.`,
  tooFine: (currency: string, decimals: number, amount: string) =>
    `${currency} has at most ${String(decimals)} decimals, like ${amount}.`,
  step: (currency: string, step: string, amounts: readonly string[]) =>
    `${currency} is charged in steps of ${step}. Enter ${amounts.join(' or ')}.`,
  otherCurrency: (currency: string) => `Enter the amount in ${currency}.`,
  tooLarge: 'This amount is too large.',
  atMost: (amount: string) => `At most ${amount}`,
} as const;
