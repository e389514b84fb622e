import { Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { AccountLink } from '../components/account-links.tsx';
import { Gauge } from '../components/gauge.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/members.ts';

/** SEA-5: so many may be enabled where nothing is paid. */
export function FreePanel({ enabled, limit }: { readonly enabled: number; readonly limit: number }): ReactElement {
  return (
    <Panel title={words.free.title} hint={words.free.hint(enabled, limit)}>
      <Stack gap="sm">
        <Gauge
          name={words.free.title}
          whole={limit}
          parts={[{ name: words.free.used, value: enabled, color: 'evergreen', shown: String(enabled) }]}
          left={words.free.left(Math.max(0, limit - enabled))}
        />
        <Text size="sm">
          {words.free.more} <AccountLink page="billing">{words.free.toBilling}</AccountLink>
        </Text>
      </Stack>
    </Panel>
  );
}
