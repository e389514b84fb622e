import { Table } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

import classes from './stacking-table.module.css';

interface StackingTableProps {
  /** In pixels; with less the table scrolls sideways in itself, except on a phone. */
  readonly minWidth: number;
  readonly children: ReactNode;
}

/**
 * Room for a table that is no narrow one. On a phone its rows are cards, so that nothing hides beside the screen: a cell with a `data-label`
 * is a line with that name before it, one without stands for itself.
 */
export function StackingTable({ minWidth, children }: StackingTableProps): ReactElement {
  return (
    <Table.ScrollContainer minWidth={minWidth} w="100%" className={classes['room']}>
      {children}
    </Table.ScrollContainer>
  );
}
