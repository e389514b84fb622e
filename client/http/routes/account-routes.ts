import { z } from 'zod';

import type { Api, ApiContext } from '../api.ts';

export function accountRoutes(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'getAccount',
        tags: ['Accounts'],
        summary: 'An account as it stands now',
        params: z.object({ account: z.string().min(1).max(200) }),
      },
    },
    (request) => perennial.status(request.params.account),
  );
}
