import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';

import { shouldRetry } from '../api/problem.ts';
import { router } from './router.tsx';
import { theme } from './theme.ts';

export function App(): ReactElement {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          // What a browser takes for offline is asked all the same: an answer tells, waiting does not.
          queries: { retry: shouldRetry, staleTime: 5_000, refetchOnWindowFocus: true, networkMode: 'always' },
          mutations: { retry: false, networkMode: 'always' },
        },
      }),
  );
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
