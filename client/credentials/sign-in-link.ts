import type { OperatorSessions } from './operator-sessions.ts';

/** Opens the pages for operators. The code is in the fragment, which browsers send to no server, and ends after 10 minutes. */
export async function signInLink(
  { operatorSessions }: { readonly operatorSessions: OperatorSessions },
  { origin, key }: { readonly origin: string; readonly key: string },
): Promise<string> {
  const expiresAtSeconds = operatorSessions.endOf('sign-in');
  return `${origin}/operator/#code=${await operatorSessions.seal('sign-in', { key, expiresAtSeconds })}`;
}

/** Opens the pages as one person of one account. */
export function portalLink(origin: string, token: string): string {
  return `${origin}/portal/#token=${token}`;
}
