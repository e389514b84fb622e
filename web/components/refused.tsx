import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Problem } from '../api/problem.ts';

/** A "no" of the server: the sentence, and what to do (AUD-1). */
export function Refused({ problem }: { readonly problem: Problem | null }): ReactElement | null {
  if (problem === null) return null;
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={problem.message}>
      {problem.solve !== null && <Text size="sm">{problem.solve}</Text>}
      <Text size="xs" c="dimmed" ff="monospace">
        {problem.code}
      </Text>
    </Alert>
  );
}
