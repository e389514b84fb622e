import type { LoggerOptions } from 'pino';

/** Structured, one JSON object a line; what is secret in a request or a card never gets there. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  };
}

const SECRETS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["stripe-signature"]',
  'token',
  'secret',
  'apiKey',
  'password',
  'paymentMethodId',
  'databaseUrl',
];
