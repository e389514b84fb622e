import { nameOf, type Step } from './scenario.ts';

/** What a step says, on one line for people: `subscribe  plan pro, interval year, seats 10`. */
export function describeStep(step: Step, accountCount: number): string {
  const details = detailsOf(step, accountCount);
  return details === '' ? nameOf(step) : `${nameOf(step)}  ${details}`;
}

function detailsOf(step: Step, accountCount: number): string {
  switch (step.kind) {
    case 'at':
    case 'advance':
      return `to ${step.to}`;
    case 'outage':
      return `no worker from ${step.from} to ${step.to}`;
    case 'publishCatalog':
      return wordsOf(step.changed);
    case 'expect':
      return withAccount(step.account, accountCount, Object.keys(step.expected).join(', '));
    case 'expectRefusal':
      return `${step.code} of ${describeStep(step.step, accountCount)}`;
    case 'malformed':
      return '';
    default: {
      const { account, ...body } = step.body;
      const words = Object.entries(body).map(([key, value]) => `${key} ${wordsOf(value)}`);
      return withAccount(account, accountCount, words.join(', '));
    }
  }
}

/** The only account of a scenario goes without saying. */
function withAccount(account: string, accountCount: number, words: string): string {
  if (accountCount <= 1) return words;
  return words === '' ? account : `${account}: ${words}`;
}

function wordsOf(value: unknown): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
