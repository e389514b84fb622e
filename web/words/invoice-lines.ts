export const words = {
  lines: 'Lines of the invoice',
  what: 'What (dates in UTC)',
  quantity: 'Quantity',
  amount: 'Amount',
  total: 'Total',
} as const;
