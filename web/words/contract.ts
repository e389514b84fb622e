/** A contract as it is shown, and as it is set up. */
export const words = {
  title: 'Contract',
  hint: 'Terms agreed outside the catalog.',
  price: 'Price per interval',
  seatPrice: 'Price per seat',
  notBySeat: 'Not sold per seat',
  payment: 'Payment',
  byCard: 'By card, immediately',
  byInvoice: (days: number) => `By invoice, net ${String(days)} ${days === 1 ? 'day' : 'days'}`,
  meter: (name: string) => name.replaceAll('_', ' '),
  perMonth: (included: string) => `${included} per month`,
  overage: (cost: string, per: string) => `then ${cost} per ${per}`,
  noOverage: 'then usage stops',
} as const;
