export const words = {
  lines: 'Lines of the invoice',
  what: 'What',
  amount: 'Amount',
  total: 'Total',
} as const;
