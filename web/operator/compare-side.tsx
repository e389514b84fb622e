import { NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/compare.ts';
import type { Choice } from './comparison.ts';
import { OwnCatalog, TRIED_OUT } from './own-catalog.tsx';
import { catalogsQuery, type Sold } from './queries.ts';

type Catalog = Schemas['Catalog'];

/** What is chosen on one side; parts that are not chosen are the catalog's first. */
export interface SideChosen {
  readonly catalog: string | null;
  readonly plan: string | null;
  readonly pack: string | null;
  readonly interval: 'month' | 'year' | null;
}

interface CompareSideProps {
  readonly name: string;
  readonly chosen: SideChosen;
  readonly onChange: (chosen: SideChosen) => void;
}

const OWN = ' own';

/** One catalog, and what the customer has of it. */
export function CompareSide({ name, chosen, onChange }: CompareSideProps): ReactElement {
  const { data: catalogs = [] } = useQuery(catalogsQuery);
  const found = catalogs.find((each) => each.name === chosen.catalog);
  const choose = (catalog: string): void => {
    onChange({ catalog, plan: null, pack: null, interval: null });
  };
  return (
    <Panel title={words.side(name)}>
      <Stack gap="sm">
        <NativeSelect
          label={words.catalog}
          data={[
            ...catalogs.map(({ name: value, version }) => ({ value, label: words.version(value, version) })),
            { value: OWN, label: words.ownYaml },
          ]}
          value={chosen.catalog ?? ''}
          onChange={(event) => {
            choose(event.currentTarget.value);
          }}
        />
        {chosen.catalog === OWN && <OwnCatalog side={name} onPublished={choose} />}
        {found !== undefined && <Terms catalog={found.catalog} chosen={chosen} onChange={onChange} />}
      </Stack>
    </Panel>
  );
}

interface TermsProps {
  readonly catalog: Catalog;
  readonly chosen: SideChosen;
  readonly onChange: (chosen: SideChosen) => void;
}

function Terms({ catalog, chosen, onChange }: TermsProps): ReactElement {
  const choice = choiceOf(catalog, chosen);
  if (choice === null) return <Text size="sm">{words.noPlan}</Text>;
  const plan = catalog.plans[choice.plan];
  const packs = Object.keys(plan?.packs ?? {});
  return (
    <>
      <NativeSelect
        label={words.plan}
        data={sold(catalog).map(({ name, title }) => ({ value: name, label: title }))}
        value={choice.plan}
        onChange={(event) => {
          onChange({ ...chosen, plan: event.currentTarget.value, pack: null, interval: null });
        }}
      />
      {packs.length > 0 && (
        <NativeSelect
          label={words.pack}
          data={packs}
          value={choice.pack ?? ''}
          onChange={(event) => {
            onChange({ ...chosen, pack: event.currentTarget.value, interval: null });
          }}
        />
      )}
      <NativeSelect
        label={words.interval}
        data={intervalsOf(catalog, choice).map((value) => ({ value, label: words.intervals[value] }))}
        value={choice.interval}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ ...chosen, interval: value === 'year' ? 'year' : 'month' });
        }}
      />
    </>
  );
}

type Plan = Catalog['plans'][string];

/** Plans that cost something and that customers choose by themselves. */
function sold(catalog: Catalog): readonly Plan[] {
  return Object.values(catalog.plans).filter((plan) => plan.selfServe && soldIn(plan, null).length > 0);
}

function intervalsOf(catalog: Catalog, { plan, pack }: Choice): readonly ('month' | 'year')[] {
  const found = catalog.plans[plan];
  return found === undefined ? [] : soldIn(found, pack);
}

function soldIn({ packs, seats }: Plan, pack: string | null): readonly ('month' | 'year')[] {
  const chosen = packs === null ? null : (packs[pack ?? ''] ?? Object.values(packs)[0] ?? null);
  const prices = [chosen?.prices, seats?.prices];
  return (['month', 'year'] as const).filter((interval) => prices.some((each) => each?.[interval] !== undefined));
}

/** What is compared until something else is chosen: the first two that are sold. What was pasted here to be tried out is not. */
export function firstTwoSold(catalogs: readonly Sold[]): readonly [string | null, string | null] {
  const [first, second] = catalogs
    .filter(({ name, catalog }) => !name.startsWith(TRIED_OUT) && sold(catalog).length > 0)
    .map(({ name }) => name);
  return [first ?? null, second ?? first ?? null];
}

/** What is chosen, made whole: null where the catalog sells nothing by itself. */
export function choiceOf(catalog: Catalog, { plan, pack, interval }: SideChosen): Choice | null {
  const found = sold(catalog).find((each) => each.name === plan) ?? sold(catalog)[0];
  if (found === undefined) return null;
  const packs = Object.keys(found.packs ?? {});
  const chosenPack = packs.find((each) => each === pack) ?? packs[0] ?? null;
  const intervals = soldIn(found, chosenPack);
  return {
    catalog: catalog.name,
    currency: catalog.currency,
    plan: found.name,
    pack: chosenPack,
    interval: intervals.find((each) => each === interval) ?? intervals[0] ?? 'month',
    hasSeats: found.seats !== null,
    hasCap: Object.values(found.caps).some(({ required }) => required),
    features: Object.keys(catalog.features),
  };
}
