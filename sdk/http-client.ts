import createClient, { type Client } from 'openapi-fetch';

import type { paths } from './generated/openapi.ts';

export type HttpClient = Client<paths>;

/**
 * The API's client, typed by its OpenAPI document: `client.GET('/v1/accounts/{account}', { params: { path: { account } } })` answers
 * `{ data, error, response }`, where `error` is a problem with a `code`.
 * @param token a server key, or a portal token.
 */
export function createHttpClient(baseUrl: string, token: string): HttpClient {
  return createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });
}
