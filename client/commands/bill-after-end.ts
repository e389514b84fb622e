import { digestOf } from '../context/digest.ts';
import type { Border } from '../context/border.ts';
import { executeCommand } from './execute-command.ts';

/**
 * CRE-12, CRE-13, CRE-14: what came after a subscription's last invoice is put on one more, by the account's workflow, the one writer. `cause` names
 * the work, so that whoever repeats it asks again, and nothing is done twice. Never: the use is committed and is answered all the same, also while no worker
 * runs; the difference stays on the balance, where a reconciliation names it (`overage_not_billed`), and the next one of its kind takes it along.
 */
export async function billAfterEnd(border: Border, accountId: string, cause: string): Promise<void> {
  const commandId = `after the end ${digestOf([cause])}`;
  try {
    await executeCommand(border, accountId, { type: 'billAfterEnd' }, { commandId, actor: 'perennial' });
  } catch {
    // What was recorded is not in doubt over its invoice.
  }
}
