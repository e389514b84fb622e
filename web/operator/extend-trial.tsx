import { NumberInput, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { moment } from '../format/time.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/account-overview.ts';

interface ExtendTrialProps {
  readonly account: string;
  readonly trialEndsAt: string;
  readonly onClose: () => void;
}

const USUAL_DAYS = 7;

/** TRI-8. */
export function ExtendTrial({ account, trialEndsAt, onClose }: ExtendTrialProps): ReactElement {
  const [days, setDays] = useState<number | string>(USUAL_DAYS);
  const extend = useCommand(
    account,
    (body: { readonly days: number }, header) =>
      api.POST('/v1/accounts/{account}/trial-extension', { params: { path: { account }, header }, body }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      title={words.extend.title}
      onClose={onClose}
      confirmLabel={words.extend.submit}
      onConfirm={() => {
        extend.mutate({ days: Number(days) });
      }}
      isPending={extend.isPending}
      problem={extend.error}
    >
      <Text size="sm">{words.extend.what(moment(trialEndsAt))}</Text>
      <NumberInput
        label={words.extend.days}
        min={1}
        allowDecimal={false}
        value={days}
        onChange={setDays}
        required
        data-autofocus
      />
    </ConfirmAct>
  );
}
