export const words = {
  lines: 'Lines of the invoice',
  what: 'What',
  quantity: 'Quantity',
  amount: 'Amount',
  total: 'Total',
} as const;
