import createClient from 'openapi-fetch';

import type { components, paths } from '../../sdk/generated/openapi.ts';
import { credentialHeaders } from './credentials.ts';
import { Problem } from './problem.ts';

/** The API's answers, by the names of its OpenAPI document. */
export type Schemas = components['schemas'];

/** The generated client. Calls go through {@link answered}, which throws a {@link Problem} for whatever is not an answer. */
export const api = createClient<paths>({ baseUrl: window.location.origin });

api.use({
  onRequest: ({ request }) => {
    for (const [name, value] of Object.entries(credentialHeaders())) request.headers.set(name, value);
    return request;
  },
});

/** The data of an answer. @throws Problem. */
export async function answered<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<NonNullable<Data>> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined && data !== null) return data;
  throw new Problem(response.status, isRecord(error) ? error : {});
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
