import { Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';

import type { AccountView } from '../api/queries.ts';
import { dateAfter } from '../format/time.ts';
import { words } from '../words/usage.ts';
import {
  isAnswerable,
  MOST_DAYS,
  type Range,
  type RangeName,
  type UsageKey,
  type UsageSearch,
} from '../format/range.ts';

interface UsageControlsProps {
  readonly view: AccountView;
  readonly search: UsageSearch;
  readonly name: RangeName;
  readonly range: Range;
  /** The meters that can be chosen from; a single one is not asked for. */
  readonly meters: readonly string[];
  readonly meter: string;
  readonly onChange: (search: UsageSearch) => void;
}

/** Which days, by what, of which meter. */
export function UsageControls(props: UsageControlsProps): ReactElement {
  const { view, search, name, range, meters, meter, onChange } = props;
  const names: readonly RangeName[] = [
    ...(view.cycle === null ? [] : ['cycle' as const]),
    '7d',
    '30d',
    '90d',
    'custom',
  ];
  const { from: _from, to: _to, cyclesFrom: _since, cyclesUntil: _until, range: _range, ...rest } = search;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <SegmentedControl
          fullWidth
          w={{ base: '100%', xs: 'auto' }}
          // Five of them fit on a phone.
          styles={{ label: { paddingInline: 'clamp(4px, 1.4vw, 12px)' } }}
          aria-label={words.range}
          value={name}
          onChange={(next) => {
            onChange(next === 'custom' ? { ...rest, ...range } : { ...rest, range: next });
          }}
          data={names.map((value) => ({ value, label: words.ranges[value] }))}
        />
        <SegmentedControl
          aria-label={words.by}
          value={search.by ?? 'feature'}
          onChange={(by: UsageKey) => {
            onChange({ ...search, by });
          }}
          data={(['feature', 'member', 'model'] as const).map((value) => ({ value, label: words.keys[value] }))}
        />
        {meters.length > 1 && (
          <SegmentedControl
            aria-label={words.meter}
            value={meter}
            onChange={(next) => {
              onChange({ ...search, meter: next });
            }}
            data={[...meters]}
          />
        )}
      </Group>
      {name === 'custom' && (
        <CustomRange
          range={range}
          onChange={(dates) => {
            onChange({ ...rest, ...dates });
          }}
        />
      )}
    </Stack>
  );
}

function CustomRange({
  range,
  onChange,
}: {
  readonly range: Range;
  readonly onChange: (range: Range) => void;
}): ReactElement {
  const { from, to } = range;
  return (
    <Stack gap={4}>
      <Group gap="sm">
        <TextInput
          type="date"
          label={words.from}
          value={from}
          max={to}
          min={dateAfter(to, 1 - MOST_DAYS)}
          onChange={(event) => {
            if (event.currentTarget.value !== '') onChange({ from: event.currentTarget.value, to });
          }}
        />
        <TextInput
          type="date"
          label={words.to}
          value={to}
          min={from}
          onChange={(event) => {
            if (event.currentTarget.value !== '') onChange({ from, to: event.currentTarget.value });
          }}
        />
      </Group>
      {!isAnswerable(range) && (
        <Text role="alert" size="sm">
          {words.wrongRange(MOST_DAYS)}
        </Text>
      )}
    </Stack>
  );
}
