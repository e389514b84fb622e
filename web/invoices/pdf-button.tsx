import { Button, Loader } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconDownload } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { download } from '../api/download.ts';
import { problemOf } from '../api/problem.ts';
import { useAccountId } from '../components/account-links.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { words } from '../words/invoices.ts';

const RefusedDialog = lazyDialog(async () => (await import('../components/refused-dialog.tsx')).RefusedDialog);

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
    <>
      <Button
        variant="default"
        size={isSmall === true ? 'compact-sm' : 'sm'}
        leftSection={loading.isPending ? <Loader size={16} aria-hidden /> : <IconDownload size={16} aria-hidden />}
        aria-label={words.pdfOf(number)}
        aria-busy={loading.isPending}
        onClick={() => {
          // It is not disabled meanwhile: the keyboard would be nowhere then.
          if (!loading.isPending) loading.mutate();
        }}
      >
        {words.pdf}
      </Button>
      {loading.isError && (
        <RefusedDialog
          title={words.pdfOf(number)}
          problem={problemOf(loading.error)}
          onClose={() => {
            loading.reset();
          }}
        />
      )}
    </>
  );
}
