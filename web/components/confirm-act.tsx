import { Button, Group, Stack } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

import type { Problem } from '../api/problem.ts';
import { words } from '../words/shell.ts';
import { Dialog } from './dialog.tsx';
import { Refused } from './refused.tsx';

interface ConfirmActProps {
  readonly onClose: () => void;
  readonly title: string;
  /** What happens, and what is chosen. */
  readonly children: ReactNode;
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
  readonly isPending: boolean;
  readonly isReady?: boolean;
  readonly problem: Problem | null;
  readonly isSevere?: boolean;
  /** Another thing that can be done instead. */
  readonly other?: { readonly label: string; readonly onAct: () => void };
}

/** Before something that costs nothing: what happens, and one question. What costs goes through `ConfirmCost`. */
export function ConfirmAct(props: ConfirmActProps): ReactElement {
  const { onClose, title, children, confirmLabel, onConfirm, isPending, isReady = true, problem, other } = props;
  return (
    <Dialog {...{ title, onClose, isPending }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack gap="md">
          {children}
          <Refused problem={problem} />
          <Group justify="flex-end">
            {other !== undefined && (
              <Button variant="default" onClick={other.onAct} disabled={isPending} mr="auto">
                {other.label}
              </Button>
            )}
            <Button variant="default" onClick={onClose} disabled={isPending}>
              {words.cancel}
            </Button>
            <Button
              type="submit"
              loading={isPending}
              disabled={!isReady}
              {...(props.isSevere === true ? { color: 'red' } : {})}
            >
              {confirmLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
