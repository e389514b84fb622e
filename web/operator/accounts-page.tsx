import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconPlus } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';

import { DialogButton } from '../components/dialog-button.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { words } from '../words/accounts.ts';
import { type AccountFilter, AccountFilters } from './account-filters.tsx';
import { AccountTable } from './account-table.tsx';
import { accountsQuery, REFRESH_MS } from './queries.ts';

const SignUpDialog = lazyDialog(async () => (await import('./sign-up-dialog.tsx')).SignUpDialog);

const NO_FILTER: AccountFilter = { search: '', phase: null, plan: null };
const TYPING_MS = 250;

type Cursors = readonly (string | null)[];

/** Every account, and first those that need somebody. */
export function AccountsPage(): ReactElement {
  const [filter, setFilter] = useState(NO_FILTER);
  // The places at which the pages up to this one begin.
  const [cursors, setCursors] = useState<Cursors>([null]);
  const navigate = useNavigate();
  return (
    <>
      <PageHead
        title={words.title}
        hint={words.hint}
        actions={
          <DialogButton label={words.signUp} variant="filled" leftSection={<IconPlus size={16} aria-hidden />}>
            {(onClose) => (
              <SignUpDialog
                onClose={onClose}
                onSignedUp={(account) => {
                  void navigate({ to: '/operator/accounts/$account', params: { account } });
                }}
              />
            )}
          </DialogButton>
        }
      />
      <Card>
        <Stack>
          <AccountFilters
            filter={filter}
            onChange={(changed) => {
              setFilter(changed);
              setCursors([null]);
            }}
          />
          <AccountList {...{ filter, cursors }} onMove={setCursors} />
        </Stack>
      </Card>
    </>
  );
}

interface AccountListProps {
  readonly filter: AccountFilter;
  readonly cursors: Cursors;
  readonly onMove: (cursors: Cursors) => void;
}

/** A page at a time. */
function AccountList({ filter, cursors, onMove }: AccountListProps): ReactElement {
  const [search] = useDebouncedValue(filter.search, TYPING_MS);
  const query = useQuery({
    ...accountsQuery({ ...filter, search: search.trim(), cursor: cursors.at(-1) ?? null }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const isFiltered = filter.search !== '' || filter.phase !== null || filter.plan !== null;
  return (
    <Loaded query={query} rows={8}>
      {({ items, nextCursor }) =>
        items.length === 0 ? (
          <Notice
            title={isFiltered ? words.none : words.noneYet}
            text={isFiltered ? words.noneWhy : words.noneYetWhy}
          />
        ) : (
          <Stack>
            <AccountTable accounts={items} />
            <Paging {...{ cursors, nextCursor, onMove }} />
          </Stack>
        )
      }
    </Loaded>
  );
}

interface PagingProps {
  readonly cursors: Cursors;
  readonly nextCursor: string | null;
  readonly onMove: (cursors: Cursors) => void;
}

function Paging({ cursors, nextCursor, onMove }: PagingProps): ReactElement | null {
  if (cursors.length === 1 && nextCursor === null) return null;
  return (
    <Group justify="center" component="nav" aria-label={words.pages}>
      <Button
        variant="default"
        size="compact-md"
        disabled={cursors.length === 1}
        onClick={() => {
          onMove(cursors.slice(0, -1));
        }}
      >
        {words.newer}
      </Button>
      <Text size="sm">{words.page(cursors.length)}</Text>
      <Button
        variant="default"
        size="compact-md"
        disabled={nextCursor === null}
        onClick={() => {
          onMove([...cursors, nextCursor]);
        }}
      >
        {words.older}
      </Button>
    </Group>
  );
}
