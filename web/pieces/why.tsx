import { ActionIcon, Code, Modal, Stack, Table, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHelpCircle } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { AccountLink } from '../app/account-links.tsx';
import { money } from '../format/money.ts';
import { dateOf, lastDateOf, period } from '../format/time.ts';
import { words } from '../words/shell.ts';

interface WhyProps {
  /** What the amount is of, for the button's name and the dialog. */
  readonly what: string;
  readonly explanation: Schemas['Explanation'];
  readonly amount: number;
  readonly currency: string;
  /** When it was used for, so that the use behind it can be looked at. */
  readonly usedIn?: { readonly start: string; readonly end: string };
}

/** Opens an amount's rule, formula and inputs (MON-5), and the use behind it. */
export function Why({ what, explanation, amount, currency, usedIn }: WhyProps): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Tooltip label={words.why.open}>
        <ActionIcon size="sm" aria-label={words.why.openFor(what)} aria-haspopup="dialog" onClick={open}>
          <IconHelpCircle size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Modal opened={opened} onClose={close} title={words.why.title} size="lg">
        <Stack gap="sm">
          <Text fw={600}>{what}</Text>
          <Table variant="vertical" layout="fixed" withRowBorders={false}>
            <Table.Tbody>
              <Row name={words.why.result} value={money(amount, currency)} />
              <Row name={words.why.rule} value={explanation.rule} />
              <Row name={words.why.formula} value={explanation.formula} isCode />
              {Object.entries(explanation.inputs).map(([name, value]) => (
                <Row key={name} name={name} value={String(value)} />
              ))}
            </Table.Tbody>
          </Table>
          {usedIn !== undefined && (
            <AccountLink
              page="usage"
              search={{ from: dateOf(usedIn.start), to: lastDateOf(usedIn.end) }}
              onClick={close}
            >
              {words.why.usage} ({period(usedIn)})
            </AccountLink>
          )}
        </Stack>
      </Modal>
    </>
  );
}

function Row({
  name,
  value,
  isCode,
}: {
  readonly name: string;
  readonly value: string;
  readonly isCode?: true;
}): ReactElement {
  return (
    <Table.Tr>
      <Table.Th w="40%">{name}</Table.Th>
      <Table.Td>{isCode === true ? <Code>{value}</Code> : value}</Table.Td>
    </Table.Tr>
  );
}
