import { Group, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconSearch } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { words } from '../words/accounts.ts';
import { statusWord } from '../words/status.ts';
import { catalogsQuery } from './queries.ts';

type Phase = Schemas['Phase'];

const PHASES: readonly Phase[] = ['past_due', 'blocked', 'trialing', 'active', 'free', 'canceled'];

const ALL = { value: '', label: words.all };

export interface AccountFilter {
  readonly search: string;
  readonly phase: Phase | null;
  readonly plan: string | null;
}

interface AccountFiltersProps {
  readonly filter: AccountFilter;
  readonly onChange: (filter: AccountFilter) => void;
}

export function AccountFilters({ filter, onChange }: AccountFiltersProps): ReactElement {
  const { data: catalogs = [] } = useQuery(catalogsQuery);
  const plans = [...new Set(catalogs.flatMap(({ catalog }) => Object.keys(catalog.plans)))];
  return (
    <Group align="flex-end" gap="sm" role="search" aria-label={words.title}>
      <TextInput
        label={words.search}
        placeholder={words.searchFor}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={filter.search}
        onChange={(event) => {
          onChange({ ...filter, search: event.currentTarget.value });
        }}
        flex="1 1 14rem"
      />
      <NativeSelect
        label={words.phase}
        data={[ALL, ...PHASES.map((value) => ({ value, label: statusWord(value) }))]}
        value={filter.phase ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ ...filter, phase: PHASES.find((phase) => phase === value) ?? null });
        }}
        w={150}
      />
      <NativeSelect
        label={words.plan}
        data={[ALL, ...plans]}
        value={filter.plan ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ ...filter, plan: value === '' ? null : value });
        }}
        w={150}
      />
    </Group>
  );
}
