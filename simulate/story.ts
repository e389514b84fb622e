import { styleText } from 'node:util';

import type { AccountDocument, InvoiceDocument, MeterDocument } from '../billing/model/document.ts';
import { formatDate, type Instant } from '../billing/calendar/instant.ts';
import { formatAmount } from '../billing/money/currency.ts';
import { describeStep } from './describe-step.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioDocument, StepDocument } from './scenario-document.ts';

/** A played scenario for people: what was done when, and what the accounts' bills look like at its end. */
export function tellStory(scenario: Scenario, played: ScenarioDocument, isColorful: boolean): string {
  const paint = painter(isColorful);
  return [
    paint('bold', `${scenario.file} · ${played.name}`),
    paint(
      'dim',
      `catalog ${scenario.catalog.name}${scenario.rules.length === 0 ? '' : ` · ${scenario.rules.join(', ')}`}`,
    ),
    ...tellSteps(scenario, played, paint),
    ...Object.entries(played.accounts).flatMap(([name, account]) => ['', ...tellAccount(name, account, paint)]),
    '',
    tellVerdict(scenario, played, paint),
    '',
  ].join('\n');
}

/** For a file that was not played. */
export function tellProblem(file: string, played: ScenarioDocument, isColorful: boolean): string {
  const { code = '', message = '' } = played.error ?? {};
  const paint = painter(isColorful);
  return [paint('bold', file), paint('red', `✗ ${code}`), indent(message, 2), ''].join('\n');
}

type Style = 'bold' | 'dim' | 'red' | 'green';
type Paint = (style: Style, text: string) => string;

function painter(isColorful: boolean): Paint {
  return isColorful ? (style, text) => styleText(style, text) : (_style, text) => text;
}

function tellSteps(scenario: Scenario, played: ScenarioDocument, paint: Paint): readonly string[] {
  const accountCount = Object.keys(played.accounts).length;
  let lastAt: Instant | null = null;
  return played.steps.flatMap((step, index) => {
    const lines: string[] = [];
    if (step.at !== lastAt) lines.push('', paint('bold', step.at.replace('T', ' ').replace('Z', '')));
    lastAt = step.at;
    const placed = scenario.steps[index];
    if (placed !== undefined)
      lines.push(...tellStep(step, describeStep(placed.step, accountCount), placed.position, paint));
    return lines;
  });
}

function tellStep(
  step: StepDocument,
  words: string,
  position: { line: number; column: number },
  paint: Paint,
): readonly string[] {
  const lines = [`  ${step.ok ? paint('green', '✓') : paint('red', '✗')} ${words}${tellResult(step)}`];
  const { refusal, mismatch } = step;
  if (refusal !== undefined)
    lines.push(paint(step.ok ? 'dim' : 'red', indent(`${refusal.code}: ${refusal.message}`, 6)));
  if (mismatch !== undefined) lines.push(paint('red', indent(mismatch.replaceAll('; ', '\n'), 6)));
  if (!step.ok) lines.push(paint('red', `      at line ${String(position.line)}, column ${String(position.column)}`));
  return lines;
}

/** Answers with numbers are worth a look; others say nothing that the accounts below do not. */
function tellResult({ step, result }: StepDocument): string {
  if ((step !== 'use' && step !== 'previewSeats') || typeof result !== 'object' || result === null) return '';
  const numbers = Object.entries(result).filter(([, value]) => typeof value === 'number');
  return ` → ${numbers.map(([key, value]) => `${key} ${String(value)}`).join(', ')}`;
}

function tellAccount(name: string, account: AccountDocument, paint: Paint): readonly string[] {
  const { phase, plan, interval, cycle, seats, trialEndsAt } = account;
  const facts = [
    phase,
    ...(plan === null ? [] : [interval === null ? plan : `${plan} by the ${interval}`]),
    ...(cycle === null ? [] : [`${formatDate(cycle.start)} – ${formatDate(cycle.end)}`]),
    ...(phase === 'trialing' && trialEndsAt !== undefined ? [`trial until ${formatDate(trialEndsAt)}`] : []),
    ...(seats === null
      ? []
      : [`${String(seats.quantity)} seats, ${String(seats.used)} used, ${String(seats.awaitingRemoval)} leaving`]),
  ];
  return [
    paint('bold', `${name} · ${facts.join(' · ')}`),
    ...Object.entries(account.meters).map(([meter, balance]) => `  ${tellMeter(meter, balance, account.currency)}`),
    ...account.members.map(
      ({ member, state, reason }) => `  ${member} ${state}${reason === undefined ? '' : ` (${reason})`}`,
    ),
    ...account.invoices.flatMap((invoice) => tellInvoice(invoice, paint)),
    ...(account.invoices.length === 0 ? ['  no invoices'] : []),
  ];
}

function tellMeter(meter: string, balance: MeterDocument, currency: string): string {
  const { included, usedIncluded, overage, overageCents, capCents } = balance;
  const ceiling = capCents === null ? '' : ` of ${formatAmount(capCents, currency)}`;
  return `${meter}: ${String(usedIncluded)} of ${String(included)} used, overage ${String(overage)} (${formatAmount(overageCents, currency)}${ceiling})`;
}

function tellInvoice(invoice: InvoiceDocument, paint: Paint): readonly string[] {
  const total = formatAmount(invoice.total, invoice.currency);
  const title = `${invoice.number ?? 'draft'}  ${formatDate(invoice.issuedAt)}  ${invoice.purpose}  ${total}  ${invoice.status}`;
  return [
    '',
    `  ${title}`,
    ...invoice.lines.flatMap(({ description, amount, explanation }) => {
      const inputs = Object.entries(explanation.inputs).map(([key, value]) => `${key} ${String(value)}`);
      return [
        `    ${formatAmount(amount, invoice.currency).padStart(12)}  ${description}`,
        paint('dim', `                  ${explanation.rule}: ${explanation.formula} (${inputs.join(', ')})`),
      ];
    }),
  ];
}

function tellVerdict(scenario: Scenario, played: ScenarioDocument, paint: Paint): string {
  const seconds = `${played.seconds.toFixed(1)} s`;
  const count = `${String(played.steps.length)} of ${String(scenario.steps.length)} steps`;
  if (played.ok) return paint('green', `✓ ok · ${count} · ${seconds}`);
  const failed = played.steps.filter((step) => !step.ok).length;
  const error = played.error === undefined ? '' : ` · ${played.error.message}`;
  return paint('red', `✗ failed · ${count}, ${String(failed)} of them not as expected · ${seconds}${error}`);
}

function indent(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(columns) + line)
    .join('\n');
}
