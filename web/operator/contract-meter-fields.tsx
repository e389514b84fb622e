import { Checkbox, Fieldset, NumberInput, SimpleGrid, Stack } from '@mantine/core';
import type { ReactElement } from 'react';

import { MoneyField } from '../components/money-field.tsx';
import { words as all } from '../words/operator-money.ts';
import type { MeterDraft } from './contract-draft.ts';

const words = all.contract;

interface ContractMeterFieldsProps {
  readonly name: string;
  readonly unit: string;
  readonly currency: string;
  readonly meter: MeterDraft | undefined;
  readonly onChange: (meter: MeterDraft) => void;
}

/** What a contract gives of one meter, and what more of it costs. */
export function ContractMeterFields(props: ContractMeterFieldsProps): ReactElement | null {
  const { name, unit, currency, meter, onChange } = props;
  if (meter === undefined) return null;
  const change = (changed: Partial<MeterDraft>): void => {
    onChange({ ...meter, ...changed });
  };
  return (
    <Fieldset legend={words.meter(name)}>
      <Stack gap="sm">
        <Checkbox
          label={words.withMeter(name)}
          checked={meter.isIncluded}
          onChange={(event) => {
            change({ isIncluded: event.currentTarget.checked });
          }}
        />
        {meter.isIncluded && (
          <>
            <NumberInput
              label={words.included(unit)}
              min={0}
              allowDecimal={false}
              thousandSeparator=","
              value={meter.included}
              onChange={(included) => {
                change({ included });
              }}
              required
              maw={280}
            />
            <Checkbox
              label={words.overage}
              checked={meter.hasOverage}
              onChange={(event) => {
                change({ hasOverage: event.currentTarget.checked });
              }}
            />
            {meter.hasOverage && <Overage {...{ unit, currency, meter, change }} />}
          </>
        )}
      </Stack>
    </Fieldset>
  );
}

interface OverageProps {
  readonly unit: string;
  readonly currency: string;
  readonly meter: MeterDraft;
  readonly change: (changed: Partial<MeterDraft>) => void;
}

function Overage({ unit, currency, meter, change }: OverageProps): ReactElement {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <MoneyField
        label={words.overagePrice(currency)}
        currency={currency}
        value={meter.price}
        onChange={(price) => {
          change({ price });
        }}
      />
      <NumberInput
        label={words.overagePer(unit)}
        min={1}
        allowDecimal={false}
        value={meter.per}
        onChange={(per) => {
          change({ per });
        }}
        required
      />
      <MoneyField
        label={words.cap(currency)}
        description={words.capHint}
        currency={currency}
        value={meter.cap}
        onChange={(cap) => {
          change({ cap });
        }}
        isOptional
      />
    </SimpleGrid>
  );
}
