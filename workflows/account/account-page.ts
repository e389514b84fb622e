import type { Instant } from '../../billing/calendar/instant.ts';
import type { AccountState } from './account-state.ts';

/** The status page that the Temporal UI shows of an account: how it stands, and what it waits for. */
export function accountPage(state: AccountState, now: Instant): string {
  const { summary, lastRefusal } = state;
  const asOf = `As of \`${now}\`${state.clock.kind === 'test' ? ' on a test clock' : ''}.`;
  if (summary === null) {
    const doing = state.isFirstRun
      ? 'is being signed up, or read again'
      : `${asOf}\n\nA new run has begun and reads the account.`;
    return `# ${state.accountId}\n\n${doing}`;
  }
  const dues = summary.dues.map((due) => `- \`${due.at}\` ${due.summary}`);
  const errands = state.errands.map(({ what, trouble }) => {
    if (trouble === null) return `- ${what}`;
    const until = trouble.isTransient ? 'Stripe does not answer' : '**needs a person**: Stripe refuses it for good';
    return `- ${what}: ${until} (${trouble.message})`;
  });
  const refusal =
    lastRefusal === null
      ? []
      : ['', `Last refused: ${lastRefusal.what}: **${lastRefusal.refusal.code}** ${lastRefusal.refusal.message}`];
  return [
    `# ${state.accountId}: ${summary.phase}`,
    '',
    asOf,
    '',
    ...summary.story.map((line) => `- ${line}`),
    '',
    dues.length === 0 ? '**Waits for** a command.' : '**Waits for**\n',
    ...dues,
    ...(errands.length === 0 ? [] : ['', '**Beside the queue**\n', ...errands]),
    ...refusal,
  ].join('\n');
}
