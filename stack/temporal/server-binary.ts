/** A program that is a Temporal server. */
export interface ServerBinary {
  /** `own` is built from this folder; `cli` is the official `temporal` (started with `server start-dev`). */
  readonly kind: 'own' | 'cli';
  readonly path: string;
  /** Where it was found, for people. */
  readonly source: string;
}

/** No Temporal server could be found, downloaded or built; the message says what a person can do about it. */
export class NoTemporalServer extends Error {
  readonly code = 'NO_TEMPORAL_SERVER';

  constructor(reason: string) {
    super(
      `${reason}\nA Temporal server is needed. One of these helps:\n` +
        '  - install Go 1.26.8 or newer (https://go.dev/dl/); the server is then built once, in about 8 minutes;\n' +
        '  - install the Temporal CLI, so that `temporal` is on the PATH (https://docs.temporal.io/cli);\n' +
        '  - set TEMPORAL_ADDRESS to a server that runs already, like 127.0.0.1:7233;\n' +
        '  - set PERENNIAL_TEMPORAL_SERVER to a binary built from stack/temporal on another machine.',
    );
    this.name = 'NoTemporalServer';
  }
}
