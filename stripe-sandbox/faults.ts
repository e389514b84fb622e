import { z } from 'zod';

/**
 * Things that go wrong on demand, set up through `POST /_sandbox/faults`. When each of them strikes:
 * arrival: before anything is looked at, and nothing is stored under the idempotency key.
 * execution: a new request that is about to be executed; what is answered is stored under the key, as Stripe does.
 * answer: everything is done and stored, and then the answer is lost. Also when the answer is a replayed one.
 */
const STAGE = {
  rate_limit: 'arrival',
  conflict: 'arrival',
  reset_before: 'arrival',
  hang_before: 'arrival',
  delay: 'execution',
  server_error_before: 'execution',
  server_error_after: 'execution',
  reset_after: 'answer',
  hang_after: 'answer',
} as const;

type RequestFaultKind = keyof typeof STAGE;

const requestKinds = Object.keys(STAGE) as [RequestFaultKind, ...RequestFaultKind[]];

/** Webhook faults strike a delivery: sent twice, after the next one, not at all, late, or with a signature that is wrong. */
const webhookKinds = [
  'webhook_duplicate',
  'webhook_reorder',
  'webhook_drop',
  'webhook_delay',
  'webhook_bad_signature',
] as const;

export const faultRules = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(requestKinds),
    /** `POST`, `GET` …; any when absent. */
    method: z.string().optional(),
    /** A regular expression that the path must match; any when absent. */
    path: z.string().optional(),
    /** A regular expression that the idempotency key must match; any, or none, when absent. */
    key: z.string().optional(),
    /** How many requests it strikes. */
    times: z.int().min(1).default(1),
    /** rate_limit: the `Stripe-Should-Retry` header; none when absent. */
    shouldRetry: z.boolean().optional(),
    /** delay: how long the request is in flight. */
    ms: z.int().min(0).max(600_000).default(1_000),
  }),
  z.strictObject({
    kind: z.enum(webhookKinds),
    /** The event's type; any when absent. */
    type: z.string().optional(),
    times: z.int().min(1).default(1),
    /** webhook_delay: how late. */
    ms: z.int().min(0).max(600_000).default(1_000),
  }),
]);

export type Fault = z.output<typeof faultRules>;
type RequestFault = Extract<Fault, { kind: RequestFaultKind }>;
type WebhookFault = Exclude<Fault, RequestFault>;

interface StruckRequest {
  readonly method: string;
  readonly pathname: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export class Faults {
  #pending: Fault[] = [];

  add(fault: Fault): void {
    this.#pending.push(fault);
  }

  clear(): void {
    this.#pending = [];
  }

  get pending(): readonly Fault[] {
    return this.#pending;
  }

  /** The first fault that strikes this request at this stage, which uses it up by one. */
  takeForRequest(stage: 'arrival' | 'execution' | 'answer', request: StruckRequest): RequestFault | null {
    if (this.#pending.length === 0) return null;
    return this.#take(
      (fault): fault is RequestFault =>
        isRequestFault(fault) &&
        STAGE[fault.kind] === stage &&
        (fault.method === undefined || fault.method === request.method) &&
        (fault.path === undefined || new RegExp(fault.path).test(request.pathname)) &&
        (fault.key === undefined || new RegExp(fault.key).test(request.headers['idempotency-key'] ?? '')),
    );
  }

  takeForWebhook(type: string): WebhookFault | null {
    if (this.#pending.length === 0) return null;
    return this.#take(
      (fault): fault is WebhookFault => !isRequestFault(fault) && (fault.type === undefined || fault.type === type),
    );
  }

  #take<T extends Fault>(strikes: (fault: Fault) => fault is T): T | null {
    const index = this.#pending.findIndex(strikes);
    const fault = this.#pending[index];
    if (fault === undefined || !strikes(fault)) return null;
    const left = fault.times - 1;
    if (left > 0) this.#pending[index] = { ...fault, times: left };
    else this.#pending.splice(index, 1);
    return fault;
  }
}

function isRequestFault(fault: Fault): fault is RequestFault {
  return fault.kind in STAGE;
}
