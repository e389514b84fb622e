import { Code, Stack, Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { AccountLink } from './account-links.tsx';
import { explained } from '../words/explained.ts';
import { money } from '../format/money.ts';
import { period } from '../format/time.ts';
import { rangeOfCycle } from '../format/range.ts';
import { ruleSentence } from '../words/explanations.ts';
import { words } from '../words/shell.ts';
import { Dialog } from './dialog.tsx';

export interface Explained {
  /** What the amount is of. */
  readonly what: string;
  readonly explanation: Schemas['Explanation'];
  readonly amount: number;
  readonly currency: string;
  /** When it was used for, so that the use behind it can be looked at. */
  readonly usedIn?: { readonly start: string; readonly end: string };
}

interface WhyDialogProps extends Explained {
  readonly onClose: () => void;
}

/** An amount's rule in words, its formula and inputs (MON-5), and the usage behind it. */
export function WhyDialog({ what, explanation, amount, currency, usedIn, onClose }: WhyDialogProps): ReactElement {
  const rule = ruleSentence(explanation.rule, explanation.inputs);
  return (
    <Dialog title={words.why.title} size="lg" onClose={onClose}>
      <Stack gap="sm">
        <Text fw={600}>{what}</Text>
        <Table variant="vertical" layout="fixed" withRowBorders={false}>
          <Table.Tbody>
            <Row name={words.why.result} value={money(amount, currency)} />
            {rule !== null && <Row name={words.why.rule} value={rule} />}
            <Row name={words.why.formula} value={explanation.formula} isCode />
            {Object.entries(explanation.inputs).map(([name, value]) => (
              <Row key={name} {...explained(name, value, currency)} />
            ))}
          </Table.Tbody>
        </Table>
        {usedIn !== undefined && (
          <AccountLink page="usage" search={{ ...rangeOfCycle(usedIn) }} onClick={onClose}>
            {words.why.usage} ({period(usedIn)})
          </AccountLink>
        )}
      </Stack>
    </Dialog>
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
