/** A contract as it is shown, and as it is set up. */
export const words = {
  title: 'Contract',
  hint: 'What was agreed beside the catalog.',
  price: 'Price per interval',
  seatPrice: 'Price of a seat',
  notBySeat: 'Not sold by the seat',
  payment: 'Payment',
  byCard: 'By card, at once',
  byInvoice: (days: number) => `By invoice, due ${String(days)} ${days === 1 ? 'day' : 'days'} after its issue`,
  meter: (name: string) => name.replaceAll('_', ' '),
  perMonth: (included: string) => `${included} per month`,
  overage: (cost: string, per: string) => `then ${cost} per ${per}`,
  noOverage: 'then use ends',
} as const;
