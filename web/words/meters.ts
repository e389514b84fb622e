/** `macro_minutes` → `Macro minutes`: a meter's name as people read it. */
export function meterWord(name: string): string {
  const text = name.replaceAll(/[_-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const words = {
  used: 'Used',
  held: 'Held',
  left: (quantity: string) => `${quantity} left`,
  renews: (day: string) => `renews ${day}`,
  gauge: (unit: string) => `Included ${unit}s`,
} as const;
