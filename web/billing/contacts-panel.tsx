import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';

import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

const ContactsDialog = lazyDialog(async () => (await import('./contacts-dialog.tsx')).ContactsDialog);

/** Whom notices are mailed to. */
export function ContactsPanel({ account }: { readonly account: Account }): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const { billingContacts, closedAt } = account;
  return (
    <Panel
      title={words.contacts.title}
      hint={words.contacts.hint}
      actions={
        closedAt === undefined && (
          <Button variant="default" size="xs" onClick={open}>
            {words.contacts.edit}
          </Button>
        )
      }
    >
      {billingContacts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.contacts.none}
        </Text>
      ) : (
        <Stack gap={2}>
          {billingContacts.map((email) => (
            <Text key={email} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {email}
            </Text>
          ))}
        </Stack>
      )}
      {opened && <ContactsDialog account={account} onClose={close} />}
    </Panel>
  );
}
