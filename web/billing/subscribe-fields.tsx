import { Input, NumberInput, Radio, SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactElement, useId } from 'react';

import { money } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { Choice } from '../components/choice.tsx';
import { MoneyField } from '../components/money-field.tsx';
import { words } from '../words/billing.ts';
import { includedOf } from './changes.ts';
import { suitingPack } from './suiting-pack.ts';
import type { SubscribeChoice, useSubscribeChoice } from './subscribe-choice.ts';
import { type Account, type Catalog, intervalsOf, plansForSale } from './subscription-price.ts';

interface FieldProps {
  readonly choice: SubscribeChoice;
  readonly onChange: ReturnType<typeof useSubscribeChoice>[1];
  readonly account: Account;
  readonly catalog: Catalog;
}

export function PlanField({ choice, onChange, catalog }: FieldProps): ReactElement {
  const plans = plansForSale(catalog);
  if (plans.length < 2) return <Text fw={600}>{choice.plan.title}</Text>;
  return (
    <Radio.Group
      label={words.subscribe.plan}
      value={choice.plan.name}
      onChange={(plan) => {
        onChange({ plan });
      }}
    >
      <Stack gap="xs" mt="xs">
        {plans.map(([name, { title }]) => (
          <Choice key={name} value={name} title={title} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

export function PackField({ choice: { plan, pack, interval }, onChange, account }: FieldProps): ReactElement | null {
  if (plan.packs === null) return null;
  const suiting = suitingPack(account, plan.packs);
  return (
    <Radio.Group
      label={words.subscribe.pack}
      value={pack}
      onChange={(name) => {
        onChange({ pack: name });
      }}
    >
      <Stack gap="xs" mt="xs">
        {Object.entries(plan.packs).map(([name, { prices, included }]) => (
          <Choice
            key={name}
            value={name}
            title={words.change.pack(name, includedOf(account, included))}
            aside={words.subscribe.packPrice(money(prices[interval] ?? 0, account.currency), words.interval[interval])}
            mark={name === suiting ? words.subscribe.suits : null}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

export function IntervalField({ choice, onChange, account }: FieldProps): ReactElement | null {
  const id = useId();
  const { plan, pack, interval } = choice;
  const intervals = intervalsOf(plan, pack);
  if (intervals.length < 2) return null;
  const prices = (pack === null ? plan.seats?.prices : plan.packs?.[pack]?.prices) ?? {};
  const text = pack === null ? words.subscribe.perSeat : words.subscribe.packPrice;
  return (
    <Stack gap={4}>
      <Input.Label id={id} labelElement="div">
        {words.subscribe.interval}
      </Input.Label>
      <SegmentedControl
        aria-labelledby={id}
        value={interval}
        onChange={(chosen) => {
          onChange({ interval: chosen });
        }}
        data={intervals.map((each) => ({
          value: each,
          label: text(money(prices[each] ?? 0, account.currency), words.interval[each]),
        }))}
      />
    </Stack>
  );
}

export function SeatsField({
  choice,
  onChange,
  enabledMembers,
}: FieldProps & { readonly enabledMembers: number }): ReactElement | null {
  if (choice.seats === null) return null;
  return (
    <NumberInput
      label={words.subscribe.seats}
      description={words.subscribe.seatsHelp(quantity(enabledMembers, 'member'))}
      min={1}
      max={10_000}
      allowDecimal={false}
      allowNegative={false}
      value={Number.isNaN(choice.seats) ? '' : choice.seats}
      onChange={(seats) => {
        onChange({ seats: typeof seats === 'number' ? seats : Number.NaN });
      }}
    />
  );
}

export function SubscribeCapField({ choice, onChange, account }: FieldProps): ReactElement | null {
  if (choice.cap === null) return null;
  return (
    <MoneyField
      label={words.subscribe.cap(account.currency.toUpperCase())}
      description={words.cap.help}
      currency={account.currency}
      value={choice.cap}
      onChange={(cap) => {
        onChange({ cap });
      }}
    />
  );
}

/** TRI-4: at the trial's end, or now, which ends it. */
export function StartField({ choice, onChange, account }: FieldProps): ReactElement {
  const { phase, trialEndsAt } = account;
  if (phase !== 'trialing' || trialEndsAt === undefined) return <Text size="sm">{words.subscribe.startsNow}</Text>;
  return (
    <Radio.Group
      label={words.subscribe.start}
      value={choice.startNow ? 'now' : 'later'}
      onChange={(when) => {
        onChange({ startNow: when === 'now' });
      }}
    >
      <Stack gap="xs" mt="xs">
        <Choice
          value="later"
          title={words.subscribe.atTrialEnd(day(trialEndsAt))}
          text={words.subscribe.atTrialEndWhy}
        />
        <Choice value="now" title={words.subscribe.now} text={words.subscribe.nowWhy} />
      </Stack>
    </Radio.Group>
  );
}
