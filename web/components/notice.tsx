import { Button, Card, Center, Stack, Text, Title } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

export interface NoticeProps {
  readonly title: string;
  readonly text?: string | null;
  readonly detail?: string | null;
  readonly action?: { readonly label: string; readonly onClick: () => void };
  readonly children?: ReactNode;
  readonly role?: 'alert' | 'status';
  /** Of its title; 1 where it is all that there is on the page. Default 2. */
  readonly level?: 1 | 2;
}

/** Fills the place of something that is not there: nothing yet, not allowed, broken. */
export function Notice({ title, text, detail, action, children, role, level = 2 }: NoticeProps): ReactElement {
  return (
    <Card role={role} maw={640} mx="auto" w="100%">
      <Center py="xl">
        <Stack align="center" gap="xs" maw={460}>
          <Title order={level} ta="center">
            {title}
          </Title>
          {text != null && (
            <Text ta="center" c="dimmed">
              {text}
            </Text>
          )}
          {detail != null && (
            <Text ta="center" size="xs" c="dimmed" ff="monospace">
              {detail}
            </Text>
          )}
          {action !== undefined && (
            <Button mt="sm" variant="light" onClick={action.onClick}>
              {action.label}
            </Button>
          )}
          {children}
        </Stack>
      </Center>
    </Card>
  );
}
