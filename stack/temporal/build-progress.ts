const EVERY_MS = 15_000;

/**
 * Says how far a build is: at once when a phase begins, then at most every fifteen seconds or five per cent, so that
 * a terminal shows it moving and a log does not drown. Counts are true: packages compiled, of those there are. What
 * an earlier, interrupted build left in Go's cache is passed over in silence, so a build may end before its last number.
 */
export class BuildProgress {
  readonly #report: (line: string) => void;
  readonly #publish: (line: string) => void;
  readonly #startedAt = Date.now();
  #phase = '';
  #saidAt = 0;
  #saidPercent = 0;

  constructor(report: (line: string) => void, publish: (line: string) => void) {
    this.#report = report;
    this.#publish = publish;
  }

  fetching(done: number, atMost: number): void {
    this.#say('Fetching Go modules', done, atMost);
  }

  compiling(done: number, total: number): void {
    this.#say('Compiling', done, total);
  }

  done(): void {
    this.#report(`The Temporal server is built (${this.#elapsed()}).`);
  }

  #say(phase: string, done: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    const isNewPhase = phase !== this.#phase;
    const isDue = Date.now() - this.#saidAt > EVERY_MS || percent >= this.#saidPercent + 5;
    if (!isNewPhase && !isDue) return;
    this.#phase = phase;
    this.#saidAt = Date.now();
    this.#saidPercent = percent;
    const unit = phase === 'Compiling' ? 'packages' : 'modules at most';
    const line = `${phase}: ${String(done)} of ${String(total)} ${unit}, ${String(percent)} % (${this.#elapsed()})`;
    this.#publish(line);
    this.#report(line);
  }

  #elapsed(): string {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
