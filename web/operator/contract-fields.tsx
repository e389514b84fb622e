import { Checkbox, NumberInput, Select, SimpleGrid, Stack, Textarea } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { MoneyField } from '../components/money-field.tsx';
import { words as all } from '../words/operator-money.ts';
import { attributesIn, type ContractDraft, contractPlans } from './contract-draft.ts';
import { ContractMeterFields } from './contract-meter-fields.tsx';

const words = all.contract;

interface ContractFieldsProps {
  readonly draft: ContractDraft;
  readonly catalog: Schemas['Catalog'];
  readonly currency: string;
  readonly onChange: (draft: ContractDraft) => void;
}

export function ContractFields({ draft, catalog, currency, onChange }: ContractFieldsProps): ReactElement {
  const change = (changed: Partial<ContractDraft>): void => {
    onChange({ ...draft, ...changed });
  };
  return (
    <Stack>
      <Price {...{ draft, catalog, currency, change }} />
      <BySeat {...{ draft, currency, change }} />
      {Object.values(catalog.meters).map(({ name, unit }) => (
        <ContractMeterFields
          key={name}
          {...{ name, unit, currency }}
          meter={draft.meters[name]}
          onChange={(meter) => {
            change({ meters: { ...draft.meters, [name]: meter } });
          }}
        />
      ))}
      <Payment {...{ draft, change }} />
      <Textarea
        label={words.attributes}
        description={words.attributesHint}
        value={draft.attributes}
        onChange={(event) => {
          change({ attributes: event.currentTarget.value });
        }}
        error={attributesIn(draft.attributes) === null ? words.wrongAttributes : null}
        autosize
        minRows={3}
      />
      <Checkbox
        label={words.startNow}
        description={words.startNowHint}
        checked={draft.startNow}
        onChange={(event) => {
          change({ startNow: event.currentTarget.checked });
        }}
      />
    </Stack>
  );
}

interface PartProps {
  readonly draft: ContractDraft;
  readonly change: (changed: Partial<ContractDraft>) => void;
}

interface PriceProps extends PartProps {
  readonly catalog: Schemas['Catalog'];
  readonly currency: string;
}

function Price({ draft, catalog, currency, change }: PriceProps): ReactElement {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <Select
        label={words.plan}
        data={contractPlans(catalog).map(({ name, title }) => ({ value: name, label: title }))}
        value={draft.plan}
        onChange={(plan) => {
          change({ plan: plan ?? draft.plan });
        }}
        allowDeselect={false}
      />
      <Select
        label={words.interval}
        data={[
          { value: 'month', label: words.intervals.month },
          { value: 'year', label: words.intervals.year },
        ]}
        value={draft.interval}
        onChange={(interval) => {
          change({ interval: interval === 'month' ? 'month' : 'year' });
        }}
        allowDeselect={false}
      />
      <MoneyField
        label={words.price(currency)}
        description={words.priceHint}
        currency={currency}
        isCharged
        value={draft.price}
        onChange={(price) => {
          change({ price });
        }}
      />
    </SimpleGrid>
  );
}

function BySeat({ draft, currency, change }: PartProps & { readonly currency: string }): ReactElement {
  return (
    <Stack gap="xs">
      <Checkbox
        label={words.bySeat}
        checked={draft.isBySeat}
        onChange={(event) => {
          change({ isBySeat: event.currentTarget.checked });
        }}
      />
      {draft.isBySeat && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label={words.seats}
            min={1}
            allowDecimal={false}
            value={draft.seats}
            onChange={(seats) => {
              change({ seats });
            }}
            required
          />
          <MoneyField
            label={words.seatPrice(currency)}
            currency={currency}
            isCharged
            value={draft.seatPrice}
            onChange={(seatPrice) => {
              change({ seatPrice });
            }}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}

const MOST_DAYS = 365;

function Payment({ draft, change }: PartProps): ReactElement {
  return (
    <Stack gap="xs">
      <Checkbox
        label={words.byInvoice}
        checked={draft.isByInvoice}
        onChange={(event) => {
          change({ isByInvoice: event.currentTarget.checked });
        }}
      />
      {draft.isByInvoice && (
        <NumberInput
          label={words.dueDays}
          min={1}
          max={MOST_DAYS}
          allowDecimal={false}
          value={draft.dueDays}
          onChange={(dueDays) => {
            change({ dueDays });
          }}
          required
          maw={280}
        />
      )}
    </Stack>
  );
}
