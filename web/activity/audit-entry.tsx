import { Collapse, Group, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactElement, useId } from 'react';

import type { Schemas } from '../api/client.ts';
import { money } from '../format/money.ts';
import { moment } from '../format/time.ts';
import { words } from '../words/activity.ts';
import { auditSentence } from '../words/audit.ts';
import { type AuditField, auditFields } from './audit-fields.ts';

interface AuditEntryProps {
  readonly entry: Schemas['AuditEntry'];
  readonly currency: string | null;
}

/** One change: in a sentence, by whom, and what was before and after where one wants to know (AUD-2). */
export function AuditEntry({ entry, currency }: AuditEntryProps): ReactElement {
  const [opened, { toggle }] = useDisclosure(false);
  const id = useId();
  const sentence = sentenceOf(entry, currency);
  const fields = auditFields(entry.before, entry.after, currency);
  const Sign = opened ? IconChevronDown : IconChevronRight;
  return (
    <Stack gap={2}>
      <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm">
          {sentence}{' '}
          <Text span size="sm" c="dimmed">
            {words.by(actorName(entry.actor))}
          </Text>
        </Text>
        {fields.length > 0 && (
          <UnstyledButton
            onClick={toggle}
            aria-expanded={opened}
            aria-controls={id}
            aria-label={words.detailsOf(sentence)}
            px={6}
            py={2}
          >
            <Group gap={2} wrap="nowrap">
              <Text size="xs" c="dimmed">
                {words.details}
              </Text>
              <Sign size={14} aria-hidden />
            </Group>
          </UnstyledButton>
        )}
      </Group>
      <Collapse expanded={opened} id={id}>
        {opened && <BeforeAfter fields={fields} />}
      </Collapse>
    </Stack>
  );
}

/** What is told of an entry where there is place for one sentence only. */
export function sentenceOf(entry: Schemas['AuditEntry'], currency: string | null): string {
  const amount = (minor: unknown): string =>
    typeof minor === 'number' && currency !== null ? money(minor, currency) : words.none;
  const time = (instant: unknown): string => (typeof instant === 'string' ? moment(instant) : words.none);
  return auditSentence(entry, { money: amount, moment: time });
}

/** A person, a key, or the engine by itself. */
export function actorName(actor: string): string {
  if (actor === 'perennial') return words.engine;
  if (actor.startsWith('key:')) return words.key(actor.slice(4));
  if (actor.startsWith('support:')) return words.support(actor.slice(8));
  return actor;
}

const WRAPPED = { overflowWrap: 'anywhere' } as const;

function BeforeAfter({ fields }: { readonly fields: readonly AuditField[] }): ReactElement {
  return (
    // On a phone, too, what it is now is beside what it was.
    <Table layout="fixed" verticalSpacing={4} horizontalSpacing={4} fz="xs" withRowBorders={false} style={WRAPPED}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.field}</Table.Th>
          <Table.Th>{words.before}</Table.Th>
          <Table.Th>{words.after}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ name, before, after }) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td>{before ?? '–'}</Table.Td>
            <Table.Td>{after ?? '–'}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
