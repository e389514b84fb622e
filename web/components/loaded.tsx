import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { problemOf } from '../api/problem.ts';
import { words } from '../words/shell.ts';
import { Notice } from './notice.tsx';

interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>;
  /** How tall the place is that is kept while it loads, in rows. */
  readonly rows?: number;
  readonly children: (data: Data) => ReactNode;
}

/** What was asked for: while it loads, when it failed, when one may not see it, and when it is there. */
export function Loaded<Data>({ query, rows = 3, children }: LoadedProps<Data>): ReactElement {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Stack gap="sm" aria-busy="true">
      <VisuallyHidden>{words.states.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={22} width={row % 3 === 2 ? '60%' : '100%'} />
      ))}
    </Stack>
  );
}

function Failed({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactElement {
  const problem = problemOf(error);
  if (problem.status === 401) {
    return <Notice role="alert" title={words.states.sessionOver} text={words.states.sessionOverWhy} />;
  }
  if (problem.status === 403) {
    return <Notice title={words.states.noPermission} text={words.states.noPermissionWhy} />;
  }
  return (
    <Notice
      role="alert"
      title={words.states.failed}
      text={[problem.message, problem.solve].filter((each) => each !== null).join(' ')}
      detail={problem.requestId === null ? null : words.states.requestId(problem.requestId)}
      action={{ label: words.retry, onClick: onRetry }}
    />
  );
}
