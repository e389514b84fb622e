import { Box, Stack, Text, Title } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

import { dateOf, day } from '../format/time.ts';
import classes from './by-day.module.css';

interface ByDayProps<Item> {
  readonly items: readonly Item[];
  readonly atOf: (item: Item) => string;
  readonly children: (item: Item) => ReactNode;
  /** Which heading stands over a day: below the page's, or below a panel's. */
  readonly order?: 2 | 3;
}

/** What happened, under the day on which it did, with its time. */
export function ByDay<Item>({ items, atOf, children, order = 3 }: ByDayProps<Item>): ReactElement {
  const days = [...new Set(items.map((item) => dateOf(atOf(item))))];
  return (
    <Stack gap="lg">
      {days.map((date) => (
        <Box key={date} component="section" aria-label={day(`${date}T00:00:00Z`)}>
          <Title order={order} size="h3" mb="xs">
            {day(`${date}T00:00:00Z`)}
          </Title>
          <ol className={classes['list']}>
            {items
              .filter((item) => dateOf(atOf(item)) === date)
              .map((item, index) => (
                <li key={index} className={classes['item']}>
                  <Text component="time" dateTime={atOf(item)} size="sm" c="dimmed" className="figures">
                    {atOf(item).slice(11, 16)}
                  </Text>
                  <div className={classes['what']}>{children(item)}</div>
                </li>
              ))}
          </ol>
        </Box>
      ))}
    </Stack>
  );
}
