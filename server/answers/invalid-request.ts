import { Refusal } from '../../billing/refusal.ts';

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

const LONGEST_FIELD = 100;

/** AUD-1: the first thing that is wrong with a request, naming the field as `events[3].id`. */
export function invalidRequest([issue]: readonly Issue[]): Refusal {
  const path = fieldPath(issue?.path ?? []);
  const [unknown] = issue?.keys ?? [];
  if (unknown !== undefined) {
    const field = (path === '' ? unknown : `${path}.${unknown}`).slice(0, LONGEST_FIELD);
    return new Refusal({ code: 'invalid_request', message: `${field}: is not a field of this request.`, field });
  }
  const message = issue?.message ?? 'is not what was expected';
  return path === ''
    ? new Refusal({ code: 'invalid_request', message: `${message}.` })
    : new Refusal({ code: 'invalid_request', message: `${path}: ${message}.`, field: path });
}

function fieldPath(path: readonly PropertyKey[]): string {
  const steps = path.map(String);
  const joined = steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
  return joined.replace(/^\./, '').slice(0, LONGEST_FIELD);
}
