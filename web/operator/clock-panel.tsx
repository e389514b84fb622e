import { Button, Group, Slider, Stack } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { IconPlayerPlay, IconPlayerTrackNext } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';

import type { Schemas } from '../api/client.ts';
import { accountQuery, type AccountView } from '../api/queries.ts';
import { day, moment } from '../format/time.ts';
import { Panel } from '../components/panel.tsx';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/time-machine.ts';
import { ClockAccounts } from './clock-accounts.tsx';
import { ClockInvoices } from './clock-invoices.tsx';
import { ClockTimeline } from './clock-timeline.tsx';
import { addDays, addMonths } from './months.ts';
import { Playing } from './playing.tsx';
import { type Played, useAdvance } from './use-advance.ts';

const MONTHS = 12;
/** What a person looks at; a clock may have more accounts than that. */
const MOST_SHOWN = 12;

/** One test clock: what it shows, who lives on it, and the way forward. */
export function ClockPanel({ clock }: { readonly clock: Schemas['TestClock'] }): ReactElement {
  const shown = clock.accountIds.slice(0, MOST_SHOWN);
  const views = useQueries({
    queries: shown.map((account) => accountQuery(account)),
    combine: (results) => results.flatMap(({ data }) => (data === undefined ? [] : [data])),
  });
  const { play, stop, played, problem } = useAdvance(clock.clockId, shown);
  return (
    <Stack gap="lg">
      <Panel title={`${words.now} ${moment(clock.now)}`}>
        <Stack gap="md">
          <MoveBySlider now={clock.now} isBusy={played !== null} onMove={play} />
          <QuickSteps now={clock.now} nextDueAt={nextDueOf(views)} isBusy={played !== null} onMove={play} />
          {played !== null && <Playing {...playingOf(played, stop)} />}
          <Refused problem={problem} />
        </Stack>
      </Panel>
      <ClockAccounts clock={clock} views={views} />
      <ClockInvoices accounts={shown} />
      <ClockTimeline accounts={shown} isBusy={played !== null} />
    </Stack>
  );
}

interface MoveProps {
  readonly now: string;
  readonly isBusy: boolean;
  readonly onMove: (instants: readonly string[]) => void;
}

/** In days, because that is what trials and retries are counted in. */
function MoveBySlider({ now, isBusy, onMove }: MoveProps): ReactElement {
  const [days, setDays] = useState(0);
  const to = addDays(now, days);
  const marks = [0, 3, 6, 9, MONTHS].map((months) => ({
    value: daysBetween(now, addMonths(now, months)),
    label: months === 0 ? words.sliderStart : words.sliderMonths(months),
  }));
  return (
    <Group align="center" gap="xl">
      <Slider
        flex="1 1 16rem"
        mb="lg"
        thumbLabel={words.slider}
        label={(value) => words.sliderAt(day(addDays(now, value)))}
        min={0}
        max={daysBetween(now, addMonths(now, MONTHS))}
        marks={marks}
        value={days}
        onChange={setDays}
        disabled={isBusy}
        thumbProps={{ 'aria-valuetext': words.sliderAt(day(to)) }}
      />
      <Button
        disabled={isBusy || days === 0}
        onClick={() => {
          setDays(0);
          onMove([to]);
        }}
      >
        {days === 0 ? words.stays : words.moveTo(day(to))}
      </Button>
    </Group>
  );
}

interface QuickStepsProps extends MoveProps {
  readonly nextDueAt: string | null;
}

function QuickSteps({ now, nextDueAt, isBusy, onMove }: QuickStepsProps): ReactElement {
  const steps = [
    {
      label: words.toNext,
      icon: <IconPlayerTrackNext size={16} aria-hidden />,
      to: nextDueAt === null || nextDueAt <= now ? null : [nextDueAt],
    },
    { label: words.day, icon: null, to: [addDays(now, 1)] },
    { label: words.month, icon: null, to: [addMonths(now, 1)] },
    {
      label: words.year,
      icon: <IconPlayerPlay size={16} aria-hidden />,
      to: Array.from({ length: MONTHS }, (_, month) => addMonths(now, month + 1)),
    },
  ];
  return (
    <Group gap="xs" role="group" aria-label={words.steps}>
      {steps.map(({ label, icon, to }) => (
        <Button
          key={label}
          variant="default"
          leftSection={icon}
          disabled={isBusy || to === null}
          onClick={() => {
            onMove(to ?? []);
          }}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}

/** A single move is not counted, and not stopped. */
function playingOf({ done, of }: Played, onStop: () => void): Parameters<typeof Playing>[0] {
  if (of === 1) return { label: words.working, part: null };
  return { label: words.playing(done, of), part: done / of, stop: { label: words.stop, onStop } };
}

/** The earliest that any of them waits for. */
function nextDueOf(views: readonly AccountView[]): string | null {
  const dues = views.flatMap(({ next }) => next.slice(0, 1).map(({ at }) => at));
  return dues.sort().at(0) ?? null;
}

function daysBetween(from: string, to: string): number {
  return Math.round((new Date(to).getTime() - new Date(from).getTime()) / 86_400_000);
}
