export const words = {
  lines: 'Line items',
  what: 'Description (dates in UTC)',
  quantity: 'Quantity',
  amount: 'Amount',
  total: 'Total',
} as const;
