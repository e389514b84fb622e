import { credentialHeaders } from '../api/credentials.ts';
import { Problem } from '../api/problem.ts';
import type { Range } from '../format/range.ts';

/** A link cannot carry credentials that are in a header, so the file is fetched, and then saved. @throws Problem. */
export async function downloadCsv(account: string, range: Range): Promise<void> {
  const { from, to } = range;
  const query = new URLSearchParams({ ...range }).toString();
  const response = await fetch(`/v1/accounts/${encodeURIComponent(account)}/usage.csv?${query}`, {
    headers: credentialHeaders(),
  });
  if (!response.ok) {
    throw new Problem(response.status, (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>);
  }
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `usage-${account}-${from}-${to}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
