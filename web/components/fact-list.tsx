import { DataList } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

/** Names and values, below each other: what is to be known at a glance. */
export function FactList({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  return (
    <DataList gap="xs" labelWidth="7.5rem">
      {facts.map(({ name, value }) => (
        <DataList.Item key={name}>
          <DataList.ItemLabel c="dimmed">{name}</DataList.ItemLabel>
          <DataList.ItemValue className="figures" fw={500}>
            {value}
          </DataList.ItemValue>
        </DataList.Item>
      ))}
    </DataList>
  );
}
