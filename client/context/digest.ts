import { hash } from 'node:crypto';

/** Half a SHA-256, as a uuid: that is how it is kept. */
export function digestOf(body: readonly (string | number | null)[]): string {
  return hash('sha256', JSON.stringify(body), 'hex').slice(0, 32);
}
