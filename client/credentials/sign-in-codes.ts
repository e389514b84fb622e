import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Database } from '../../db/database.ts';
import { spendSignInCode } from '../../db/access/used-sign-in-codes.ts';
import type { Opened } from './operator-sessions.ts';

/** Which codes of sign-in links were used: what stands in a terminal or a history lets nobody in a second time. */
export class SignInCodes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** True for one of all who bring the code, in whichever process they do. */
  spend({ sealId, expiresAtSeconds }: Opened): Promise<boolean> {
    const endsAt = instantFromEpochMs(expiresAtSeconds * 1000);
    return spendSignInCode(this.#db, { codeId: sealId, endsAt }, instantFromEpochMs(Date.now()));
  }
}
