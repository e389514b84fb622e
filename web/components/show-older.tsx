import { Button, Center, Stack } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { Loaded } from './loaded.tsx';

interface ShowOlderProps<Item, Page> {
  readonly query: UseInfiniteQueryResult<{ readonly pages: readonly Page[] }>;
  readonly itemsOf: (page: Page) => readonly Item[];
  /** What the button is called that asks for more. */
  readonly label: string;
  /** In the place of a list that has nothing in it. */
  readonly empty: ReactNode;
  /** How tall the place is that is kept while it loads, in rows. */
  readonly rows?: number;
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** A list that goes on as far as one wants to look. */
export function ShowOlder<Item, Page>(props: ShowOlderProps<Item, Page>): ReactElement {
  const { query, itemsOf, label, empty, rows = 3, children } = props;
  return (
    <Loaded query={query} rows={rows}>
      {({ pages }) => {
        const items = pages.flatMap(itemsOf);
        if (items.length === 0) return empty;
        return (
          <Stack gap="lg">
            {children(items)}
            {query.hasNextPage && (
              <Center>
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {label}
                </Button>
              </Center>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
