import { NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';

import { typedMoney } from '../format/money.ts';
import { MoneyField } from '../components/money-field.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/compare.ts';
import { type Customer, DEFAULT_CAP_CENTS } from './comparison.ts';

interface CompareCustomerProps {
  readonly customer: Customer;
  /** Of both catalogs. */
  readonly features: readonly string[];
  readonly hasSeats: boolean;
  /** Of the plans that have a ceiling that can be set. */
  readonly capCurrencies: readonly string[];
  readonly onChange: (customer: Customer) => void;
}

const MOST_MONTHS = 24;

/** Who it is that is compared: the same on both sides. */
export function CompareCustomer(props: CompareCustomerProps): ReactElement {
  const { customer, features, hasSeats, capCurrencies, onChange } = props;
  return (
    <Panel title={words.customer} hint={words.customerHint}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} verticalSpacing="sm">
        <TextInput
          type="date"
          label={words.start}
          description={words.startHint}
          inputWrapperOrder={['label', 'input', 'description']}
          value={customer.start.slice(0, 10)}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value !== '') onChange({ ...customer, start: `${value}T00:00:00Z` });
          }}
        />
        <Count
          label={words.months}
          value={customer.months}
          min={1}
          max={MOST_MONTHS}
          onChange={(months) => {
            onChange({ ...customer, months });
          }}
        />
        {hasSeats && (
          <Count
            label={words.seats}
            value={customer.seats}
            min={1}
            onChange={(seats) => {
              onChange({ ...customer, seats });
            }}
          />
        )}
        {capCurrencies.map((currency) => (
          <MoneyField
            key={currency}
            label={words.cap(currency.toUpperCase())}
            description={words.capHint}
            currency={currency}
            value={customer.caps[currency] ?? typedMoney(DEFAULT_CAP_CENTS, currency)}
            onChange={(cap) => {
              onChange({ ...customer, caps: { ...customer.caps, [currency]: cap } });
            }}
          />
        ))}
        {features.map((feature) => (
          <Count
            key={feature}
            label={words.usesOf(feature)}
            value={customer.uses[feature] ?? 0}
            min={0}
            onChange={(uses) => {
              onChange({ ...customer, uses: { ...customer.uses, [feature]: uses } });
            }}
          />
        ))}
      </SimpleGrid>
    </Panel>
  );
}

interface CountProps {
  readonly label: string;
  readonly description?: string;
  readonly value: number;
  readonly min: number;
  readonly max?: number;
  readonly onChange: (value: number) => void;
}

function Count({ onChange, ...input }: CountProps): ReactElement {
  return (
    <NumberInput
      {...input}
      inputWrapperOrder={['label', 'input', 'description']}
      allowDecimal={false}
      thousandSeparator=","
      onChange={(value) => {
        if (typeof value === 'number') onChange(value);
      }}
    />
  );
}
