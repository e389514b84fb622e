/** What accounts are found by in Temporal: name → type, in the words of the server's command line. */
export const SEARCH_ATTRIBUTES = {
  BillingPhase: 'Keyword',
  BillingPlan: 'Keyword',
  NextBoundary: 'Datetime',
  Seats: 'Int',
} as const;

/** The numbers of these types in temporal.api.enums.v1.IndexedValueType. */
export const INDEXED_VALUE_TYPE = { Keyword: 2, Int: 3, Datetime: 6 } as const;

/** Flags that have a server create its namespace with the attributes; `temporal server start-dev` has the same. */
export function searchAttributeFlags(): string[] {
  return Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]);
}
