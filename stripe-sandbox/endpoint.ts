import type { z } from 'zod';
import type { Context } from './context.ts';
import type { AnswerKind } from './expansion.ts';
import type { Form } from './form-decoding.ts';
import { parseParameters } from './parameters.ts';

export interface Call<P> extends Context {
  readonly params: P;
  /** The `:names` of the path. */
  readonly path: Readonly<Record<string, string>>;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly segments: readonly string[];
  /** What it answers with, which decides what may be expanded. */
  readonly answers: AnswerKind;
  /** Checks the parameters. Only the returned function executes, so a refused parameter is never stored under a key. */
  readonly prepare: (form: Form) => (context: Context, path: Readonly<Record<string, string>>) => object;
}

export function endpoint<T extends z.ZodType>(
  route: `${'GET' | 'POST' | 'DELETE'} /v1/${string}`,
  answers: AnswerKind,
  rules: T,
  run: (call: Call<z.output<T>>) => object,
): Endpoint {
  const [method, path = ''] = route.split(' ');
  return {
    method: method as Endpoint['method'],
    segments: path.split('/').slice(1),
    answers,
    prepare: (form) => {
      const params = parseParameters(rules, form);
      return (context, pathValues) => run({ ...context, params, path: pathValues });
    },
  };
}

/** The value of `:name` in the path; the routing table guarantees that it is there. */
export function pathId(call: { readonly path: Readonly<Record<string, string>> }, name: string): string {
  const value = call.path[name];
  if (value === undefined) throw new Error(`The route has no :${name}.`);
  return value;
}
