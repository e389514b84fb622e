import { Alert, Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { answered, api } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { Panel } from '../components/panel.tsx';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/reconciliation.ts';
import { DifferenceTable } from './difference-table.tsx';

/** Asked for, not shown by itself: a worker asks Stripe for it. */
export function OneAccountsBooks({ account }: { readonly account: string }): ReactElement {
  const compare = useMutation({
    mutationFn: () => answered(api.GET('/v1/accounts/{account}/reconciliation', { params: { path: { account } } })),
  });
  return (
    <Panel
      title={words.one.title}
      hint={words.one.hint}
      actions={
        <Button
          variant="default"
          size="compact-sm"
          loading={compare.isPending}
          onClick={() => {
            compare.mutate();
          }}
        >
          {words.one.check}
        </Button>
      }
    >
      <Refused problem={compare.isError ? problemOf(compare.error) : null} />
      {compare.data?.agrees === true && (
        <Alert role="status" color="evergreen" icon={<IconCircleCheck aria-hidden />} title={words.one.agrees} />
      )}
      {compare.data?.agrees === false && <DifferenceTable differences={compare.data.differences} />}
    </Panel>
  );
}
