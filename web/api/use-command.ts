import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';

import { answered } from './client.ts';
import { type Problem, problemOf } from './problem.ts';
import { accountKey } from './queries.ts';

/** An act under its key: repeated, also after a lost answer, it is one act. */
type Act<Input, Data> = (
  input: Input,
  headers: { readonly 'idempotency-key': string },
) => Promise<{ data?: Data; error?: unknown; response: Response }>;

/**
 * Something that changes an account. One key per use of the dialog: a second click, or a try after a lost answer, is the same act;
 * a new input, or one that was answered, gets a new key. Nothing is shown as done before the server says so.
 */
export function useCommand<Input, Data>(
  account: string,
  act: Act<Input, Data>,
  options: { readonly onDone?: (data: NonNullable<Data>) => void } = {},
): UseMutationResult<NonNullable<Data>, Problem, Input> {
  const queries = useQueryClient();
  const key = useRef<{ readonly of: string; readonly value: string } | null>(null);
  return useMutation<NonNullable<Data>, Problem, Input>({
    mutationFn: async (input) => {
      const of = JSON.stringify(input ?? null);
      if (key.current?.of !== of) key.current = { of, value: crypto.randomUUID() };
      try {
        return await answered(act(input, { 'idempotency-key': key.current.value }));
      } catch (error) {
        throw problemOf(error);
      }
    },
    onSuccess: async (data) => {
      key.current = null;
      await queries.invalidateQueries({ queryKey: accountKey(account) });
      options.onDone?.(data);
    },
  });
}
