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
 * a new input, or one that was answered, gets a new key: who was refused for a card that declined tries again with another. Nothing is shown as done before the server says so.
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
        const problem = problemOf(error);
        if (isAnswered(problem)) key.current = null;
        throw problem;
      }
    },
    onSuccess: async (data) => {
      key.current = null;
      await queries.invalidateQueries({ queryKey: accountKey(account) });
      options.onDone?.(data);
    },
  });
}

/** Whether it is known how the act ended: it was refused. What did not answer, or is still under way, may have been done. */
function isAnswered({ status, code }: Problem): boolean {
  return status >= 400 && status < 500 && code !== 'request_in_progress';
}
