import type { ReactElement } from 'react';

import type { Problem } from '../api/problem.ts';
import { Dialog } from './dialog.tsx';
import { Refused } from './refused.tsx';
import { useFocusBack } from './use-focus-back.ts';

interface RefusedDialogProps {
  /** What was asked for. */
  readonly title: string;
  readonly problem: Problem;
  readonly onClose: () => void;
}

/** A "no" to what was asked for without a dialog. */
export function RefusedDialog({ title, problem, onClose }: RefusedDialogProps): ReactElement {
  useFocusBack();
  return (
    <Dialog title={title} onClose={onClose}>
      <Refused problem={problem} />
    </Dialog>
  );
}
