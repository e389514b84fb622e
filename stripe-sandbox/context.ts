import type { Store } from './store.ts';

/** What an endpoint works with. */
export interface Context {
  readonly store: Store;
  /** Where this sandbox listens, for example `http://127.0.0.1:12111`; hosted pages begin with it. */
  readonly baseUrl: string;
  /** How long a new object stays invisible to search. */
  readonly searchLagMs: number;
  /**
   * Records an event and has it delivered once the request is committed. `object` is what the API would answer, `before`
   * what it would have answered before the change.
   */
  readonly emit: (type: string, object: object, before?: object) => void;
}
