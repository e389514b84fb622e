import type { Instant } from '../billing/calendar/instant.ts';
import type { Engine } from './engine.ts';
import type { ClockBinding, ScenarioClock } from './scenario-clock.ts';

/** The engine's own test clock, which stands still until it is moved (design.md, "Virtual time"). */
export class TestClock implements ScenarioClock {
  readonly #client: Engine;
  readonly #clockId: string;
  #now: Instant;

  private constructor(client: Engine, clockId: string, now: Instant) {
    this.#client = client;
    this.#clockId = clockId;
    this.#now = now;
  }

  static async create(client: Engine, clockId: string, now: Instant): Promise<TestClock> {
    await client.createTestClock({ clockId, now });
    return new TestClock(client, clockId, now);
  }

  get now(): Instant {
    return this.#now;
  }

  binding(): ClockBinding {
    return { testClockId: this.#clockId };
  }

  bound(): void {
    // The engine knows which accounts hang on the clock.
  }

  async moveTo(to: Instant): Promise<void> {
    await this.#client.advanceTestClock(this.#clockId, to);
    this.#now = to;
  }
}
