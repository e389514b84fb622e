import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { Panel } from '../pieces/panel.tsx';
import { Refused } from '../pieces/refused.tsx';
import { words as shellWords } from '../words/shell.ts';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

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
      <Modal opened={opened} onClose={close} title={words.contacts.dialog}>
        <ContactsForm account={account} onDone={close} />
      </Modal>
    </Panel>
  );
}

function ContactsForm({ account, onDone }: { readonly account: Account; readonly onDone: () => void }): ReactElement {
  const { accountId, billingContacts } = account;
  const [typed, setTyped] = useState(billingContacts.join('\n'));
  const command = useCommand(
    accountId,
    (emails: string[], header) =>
      api.PUT('/v1/accounts/{account}/billing-contacts', {
        params: { path: { account: accountId }, header },
        body: { emails },
      }),
    { onDone },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        command.mutate(addressesIn(typed));
      }}
    >
      <Stack gap="md">
        <Textarea
          data-autofocus
          label={words.contacts.label}
          autosize
          minRows={3}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
        <Refused problem={command.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone} disabled={command.isPending}>
            {shellWords.cancel}
          </Button>
          <Button type="submit" loading={command.isPending}>
            {words.contacts.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function addressesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((each) => each !== ''))];
}
