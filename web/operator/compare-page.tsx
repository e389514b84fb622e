import { Alert, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconPlayerPlay } from '@tabler/icons-react';
import { lazy, type ReactElement, Suspense, useState } from 'react';

import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Refused } from '../components/refused.tsx';
import { useOperator } from '../session/session.ts';
import { words } from '../words/compare.ts';
import { CompareCustomer } from './compare-customer.tsx';
import { choiceOf, CompareSide, firstTwoSold, type SideChosen } from './compare-side.tsx';
import { capOf, type Choice, type Customer } from './comparison.ts';
import { catalogsQuery, type Sold } from './queries.ts';
import { Playing } from './playing.tsx';
import { useComparison } from './use-comparison.ts';

const CompareResult = lazy(() => import('./compare-result.tsx').then((module) => ({ default: module.CompareResult })));

const NOTHING: SideChosen = { catalog: null, plan: null, pack: null, interval: null };

const CUSTOMER: Customer = {
  seats: 5,
  caps: {},
  uses: {},
  start: `${String(new Date().getUTCFullYear() + 1)}-01-01T00:00:00Z`,
  months: 12,
};

/** What would a customer pay under another catalog? */
export function ComparePage(): ReactElement {
  const isSandbox = useOperator()?.isSandbox === true;
  return (
    <>
      <PageHead title={words.title} hint={words.hint} />
      {isSandbox ? <Comparison /> : <Notice title={words.notASandbox} text={words.notASandboxWhy} />}
    </>
  );
}

function Comparison(): ReactElement {
  const [leftChosen, setLeft] = useState(NOTHING);
  const [rightChosen, setRight] = useState(NOTHING);
  const [customer, setCustomer] = useState(CUSTOMER);
  const { data: catalogs = [] } = useQuery(catalogsQuery);
  const [first, second] = firstTwoSold(catalogs);
  const leftSide = { ...leftChosen, catalog: leftChosen.catalog ?? first };
  const rightSide = { ...rightChosen, catalog: rightChosen.catalog ?? second };
  const left = choiceIn(catalogs, leftSide);
  const right = choiceIn(catalogs, rightSide);
  const { run, stop, progress, result, problem } = useComparison();
  const sides = [left, right].filter((side) => side !== null);
  const capCurrencies = [...new Set(sides.flatMap(({ hasCap, currency }) => (hasCap ? [currency] : [])))];
  const isReady = left !== null && right !== null && capCurrencies.every((each) => capOf(customer, each) !== null);
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <CompareSide name={words.sides.left} chosen={leftSide} onChange={setLeft} />
        <CompareSide name={words.sides.right} chosen={rightSide} onChange={setRight} />
      </SimpleGrid>
      <CompareCustomer
        customer={customer}
        features={[...new Set(sides.flatMap(({ features }) => features))]}
        hasSeats={sides.some(({ hasSeats }) => hasSeats)}
        capCurrencies={capCurrencies}
        onChange={setCustomer}
      />
      <Group>
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          disabled={!isReady || progress !== null}
          onClick={() => {
            if (left !== null && right !== null) run(left, right, customer);
          }}
        >
          {words.run}
        </Button>
        {(left === null || right === null) && (
          <Text size="sm" c="dimmed">
            {words.missing}
          </Text>
        )}
      </Group>
      {progress !== null && (
        <Playing
          label={words.playing(progress.done, progress.of)}
          part={progress.done / progress.of}
          stop={{ label: words.stop, onStop: stop }}
        />
      )}
      <Refused problem={problem} />
      {result !== null && (
        <Suspense fallback={null}>
          {result.wasStopped && (
            <Alert
              role="status"
              color="yellow"
              title={words.stopped}
              styles={{ label: { color: 'var(--mantine-color-text)' } }}
            />
          )}
          <CompareResult result={result} />
        </Suspense>
      )}
    </Stack>
  );
}

function choiceIn(catalogs: readonly Sold[], chosen: SideChosen): Choice | null {
  const found = catalogs.find(({ name }) => name === chosen.catalog);
  return found === undefined ? null : choiceOf(found.catalog, chosen);
}
