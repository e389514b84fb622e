import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where things are kept that every clone of this user can share, after the XDG base directory specification. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const given = env['XDG_CACHE_HOME'];
  // The specification has relative paths ignored.
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache');
  return join(base, 'perennial');
}
