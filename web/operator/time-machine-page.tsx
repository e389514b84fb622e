import { Group, NativeSelect, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { IconPlus } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { DialogButton } from '../components/dialog-button.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { useOperator } from '../session/session.ts';
import { words } from '../words/time-machine.ts';
import { ClockPanel } from './clock-panel.tsx';
import { clocksQuery, REFRESH_MS } from './queries.ts';

const NewClockDialog = lazyDialog(async () => (await import('./new-clock-dialog.tsx')).NewClockDialog);

/** Virtual time, moved by hand: what a year brings, on the real engine. */
export function TimeMachinePage(): ReactElement {
  const isSandbox = useOperator()?.isSandbox === true;
  if (!isSandbox) {
    return (
      <>
        <PageHead title={words.title} />
        <Notice title={words.notASandbox} text={words.notASandboxWhy} />
      </>
    );
  }
  return <Clocks />;
}

function Clocks(): ReactElement {
  const query = useQuery({ ...clocksQuery, refetchInterval: REFRESH_MS });
  const [clockId, choose] = useChosenClock();
  return (
    <>
      <PageHead
        title={words.title}
        hint={words.hint}
        actions={
          <DialogButton label={words.create} variant="filled" leftSection={<IconPlus size={16} aria-hidden />}>
            {(onClose) => (
              <NewClockDialog
                onClose={onClose}
                onMade={(made) => {
                  choose(made);
                  onClose();
                }}
              />
            )}
          </DialogButton>
        }
      />
      <Loaded query={query} rows={6}>
        {(clocks) => {
          const clock = clocks.find((each) => each.clockId === clockId) ?? clocks[0];
          if (clock === undefined) return <Notice title={words.none} text={words.noneWhy} />;
          return (
            <Stack gap="lg">
              <Group>
                <NativeSelect
                  label={words.clock}
                  data={clocks.map((each) => each.clockId)}
                  value={clock.clockId}
                  onChange={(event) => {
                    choose(event.currentTarget.value);
                  }}
                  w={280}
                  maw="100%"
                />
              </Group>
              <ClockPanel key={clock.clockId} clock={clock} />
            </Stack>
          );
        }}
      </Loaded>
    </>
  );
}

/** In the address, so that a clock can be come back to. */
function useChosenClock(): readonly [string | undefined, (clock: string) => void] {
  const { clock }: { readonly clock?: string | number } = useSearch({ strict: false });
  const navigate = useNavigate();
  return [
    // A name of digits is read as a number.
    clock === undefined ? undefined : String(clock),
    (chosen) => {
      void navigate({ to: '/operator/time-machine', search: { clock: chosen } });
    },
  ];
}
