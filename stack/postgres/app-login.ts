import { createHmac } from 'node:crypto';

import pg from 'pg';

import { APP_ROLE } from '../../db/app-role.ts';

/** What the engine of a local stack runs under: it may do what `db/app-rights.sql` says, and owns nothing. */
const LOGIN = 'perennial_engine';

/**
 * The address of a migrated database for a login that is a member of {@link APP_ROLE} and of nothing else. Its password follows from that of the
 * superuser, so that there is nothing more to keep, and nobody changes it under another's feet.
 */
export async function openAppLogin(superuserUrl: string): Promise<string> {
  const url = new URL(superuserUrl);
  const password = createHmac('sha256', decodeURIComponent(url.password)).update(LOGIN).digest('base64url');
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`do $$ begin
      if not exists (select from pg_roles where rolname = '${LOGIN}') then
        create role ${LOGIN} login password '${password}' in role ${APP_ROLE};
      elsif not pg_has_role('${LOGIN}', '${APP_ROLE}', 'member') then
        grant ${APP_ROLE} to ${LOGIN};
      end if;
    exception when duplicate_object or unique_violation then null; -- somebody else makes it just now
    end $$`);
  } finally {
    await client.end();
  }
  url.username = LOGIN;
  url.password = password;
  return url.href;
}
