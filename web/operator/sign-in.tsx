import { Button, Card, Center, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { type Problem, problemOf } from '../api/problem.ts';
import { Refused } from '../components/refused.tsx';
import { signInWithKey } from '../session/open-session.ts';
import type { Session } from '../session/session.ts';
import { words } from '../words/operator.ts';

interface SignInProps {
  readonly onSignedIn: (session: Session) => void;
  /** Why a link did not do; a visit without any is no problem. */
  readonly problem: Problem | null;
}

export function SignIn({ onSignedIn, problem }: SignInProps): ReactElement {
  const [key, setKey] = useState('');
  const [refused, setRefused] = useState<Problem | null>(problem);
  const [isPending, setPending] = useState(false);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setPending(true);
    signInWithKey(key.trim())
      .then(onSignedIn)
      .catch((error: unknown) => {
        setRefused(problemOf(error));
        setPending(false);
      });
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Card w={420} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1}>{words.signIn.title}</Title>
            <Text size="sm" c="dimmed">
              {words.signIn.text}
            </Text>
            <PasswordInput
              label={words.signIn.key}
              placeholder={words.signIn.placeholder}
              value={key}
              onChange={(event) => {
                setKey(event.currentTarget.value);
              }}
              required
              autoComplete="off"
            />
            <Refused problem={refused} />
            <Button type="submit" loading={isPending}>
              {words.signIn.submit}
            </Button>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
