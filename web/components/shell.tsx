import {
  AppShell,
  Badge,
  Box,
  Burger,
  Group,
  NavLink,
  Text,
  ActionIcon,
  useMantineColorScheme,
  useComputedColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';

import { Hint } from './hint.tsx';
import { words } from '../words/shell.ts';
import classes from './shell.module.css';

export interface ShellLink {
  readonly label: string;
  readonly to: string;
  readonly icon: ReactNode;
  /** Also current when a page below it is shown. */
  readonly isExact?: boolean;
}

interface ShellProps {
  readonly name: string;
  readonly who: string;
  readonly links: readonly ShellLink[];
  /** A second group, below its own heading: the pages of one account, for an operator. */
  readonly more?: { readonly heading: string; readonly links: readonly ShellLink[] } | undefined;
  readonly actions?: ReactNode;
  readonly banner?: ReactNode;
  readonly children: ReactNode;
}

/** The frame around every page: who one is, where one can go. */
export function Shell({ name, who, links, more, actions, banner, children }: ShellProps): ReactElement {
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="var(--gap-page)"
    >
      <a href="#content" className={classes['skip']}>
        {words.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" className={classes['name']}>
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={words.menu}
              aria-expanded={opened}
            />
            <Text fw={700} truncate title={name}>
              {name}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Badge variant="default" visibleFrom="xs">
              {who}
            </Badge>
            <SchemeToggle />
            {actions}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={words.pages}>
        <Links links={links} onFollow={close} />
        {more !== undefined && (
          <Box mt="md">
            <Text size="xs" fw={600} c="dimmed" px="sm" pb={4} truncate title={more.heading}>
              {more.heading}
            </Text>
            <Links links={more.links} onFollow={close} />
          </Box>
        )}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes['main']}>
        <Box maw={1120} mx="auto">
          {banner}
          {children}
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function Links({
  links,
  onFollow,
}: {
  readonly links: readonly ShellLink[];
  readonly onFollow: () => void;
}): ReactElement {
  const { pathname } = useLocation();
  return (
    <>
      {links.map(({ label, to, icon, isExact }) => {
        const isCurrent =
          isExact === true ? trimmed(pathname) === trimmed(to) : trimmed(pathname).startsWith(trimmed(to));
        return (
          <NavLink
            key={to}
            label={label}
            leftSection={icon}
            active={isCurrent}
            aria-current={isCurrent ? 'page' : undefined}
            onClick={onFollow}
            className={classes['link']}
            renderRoot={(props) => <Link {...props} to={to} activeOptions={{ exact: isExact === true }} />}
          />
        );
      })}
    </>
  );
}

function trimmed(path: string): string {
  return path.replace(/\/$/, '');
}

function SchemeToggle(): ReactElement {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <Hint label={words.lightOrDark}>
      <ActionIcon
        size="lg"
        aria-label={words.lightOrDark}
        onClick={() => {
          setColorScheme(scheme === 'dark' ? 'light' : 'dark');
        }}
      >
        {scheme === 'dark' ? <IconSun size={20} aria-hidden /> : <IconMoon size={20} aria-hidden />}
      </ActionIcon>
    </Hint>
  );
}
