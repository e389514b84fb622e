import type { Settings } from '../settings/settings.ts';
import type { Child } from './process/child.ts';
import type { Teardown } from './teardown.ts';

export interface StackPart {
  readonly name: string;
  /** An address for people, without passwords. */
  readonly where: string;
  /** False for what a setting put in its place. */
  readonly startedByUs: boolean;
}

export interface Stack {
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string | null;
    readonly canSkipTime: boolean;
    /** Where the server came from, for people. */
    readonly source: string;
  };
  readonly databaseUrl: string;
  readonly stripe: {
    readonly apiKey: string;
    readonly apiBase: string | null;
    /** Those of the settings; the sandbox gives one when an address is registered with it (`registerStripeWebhook`). */
    readonly webhookSecrets: readonly string[];
  };
  readonly parts: readonly StackPart[];
  /** Resolves with a sentence when a part ends that nobody asked to. */
  readonly broken: Promise<string>;
  /** Ends all that was started, in order. May be called more than once. */
  readonly stop: () => Promise<void>;
}

/** What the provider of each part needs to know. */
export interface PartContext {
  readonly settings: Settings;
  readonly report: (line: string) => void;
  /** `null`: nothing is kept. */
  readonly keptIn: string | null;
  readonly teardown: Teardown;
  readonly logFile: (part: string) => string | null;
  /** To be told of every part that has begun its work. */
  readonly watch: (child: Child) => void;
}
