import { Button, Popover } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconDownload } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { download } from '../api/download.ts';
import { problemOf } from '../api/problem.ts';
import { useAccountId } from '../app/account-links.tsx';
import { Refused } from '../pieces/refused.tsx';
import { words } from '../words/invoices.ts';

/** The invoice on paper. */
export function PdfButton({ number, isSmall }: { readonly number: string; readonly isSmall?: true }): ReactElement {
  const account = useAccountId();
  const loading = useMutation({
    mutationFn: () =>
      download(
        `/v1/accounts/${encodeURIComponent(account)}/invoices/${encodeURIComponent(number)}.pdf`,
        `${number}.pdf`,
      ),
  });
  return (
    <Popover
      opened={loading.isError}
      onChange={() => {
        loading.reset();
      }}
      width={320}
      withArrow
    >
      <Popover.Target>
        <Button
          variant="default"
          size={isSmall === true ? 'compact-sm' : 'sm'}
          leftSection={<IconDownload size={16} aria-hidden />}
          aria-label={words.pdfOf(number)}
          loading={loading.isPending}
          onClick={() => {
            loading.mutate();
          }}
        >
          {words.pdf}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Refused problem={loading.isError ? problemOf(loading.error) : null} />
      </Popover.Dropdown>
    </Popover>
  );
}
