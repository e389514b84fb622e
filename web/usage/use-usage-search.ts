import { useNavigate, useSearch } from '@tanstack/react-router';

import { readSearch, type UsageSearch } from '../format/range.ts';

/** What is shown is in the address, so that it can be linked to, and gone back to. */
export function useUsageSearch(): readonly [UsageSearch, (search: UsageSearch) => void] {
  const search = readSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  return [
    search,
    (next) => {
      void navigate({ to: '.', search: next, replace: true, resetScroll: false });
    },
  ];
}
