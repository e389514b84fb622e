import { credentialHeaders } from './credentials.ts';
import { Problem } from './problem.ts';

/** Loads a file of the API and hands it to the browser. With fetch, because a link cannot send the header that names the session. */
export async function download(path: string, fileName: string): Promise<void> {
  const response = await fetch(path, { headers: credentialHeaders() });
  if (!response.ok) {
    const problem: unknown = await response.json().catch(() => ({}));
    throw new Problem(response.status, problem as Readonly<Record<string, unknown>>);
  }
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
