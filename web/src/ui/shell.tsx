// The frame of the signed-in area: brand, tabs, account, and the page.
import { Box, Container, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Brand } from './brand.tsx';
import classes from './shell.module.css';
import { PageSkeleton } from './states.tsx';
import { Tabs } from './tabs.tsx';
import { shell as texts } from './texts.ts';

const tabs = [
  { to: '/connections', label: texts.tabs.connections },
  { to: '/clients', label: texts.tabs.clients },
  { to: '/activity', label: texts.tabs.activity },
] as const;

const tabsOfOrganizations = [
  ...tabs,
  { to: '/members', label: texts.ofOrganizations.members },
  { to: '/organization', label: texts.ofOrganizations.organization },
] as const;

export function Shell(props: {
  account?: ReactNode;
  /** On whose behalf one looks. */
  context?: ReactNode;
  /** Whether that is an organization. */
  organization?: boolean;
  children: ReactNode;
}) {
  const { account, context, children } = props;
  return (
    <>
      <a href="#main" className="skip-link">
        {texts.skip}
      </a>
      <Box component="header" className={classes.header}>
        <Container size="60rem" px="md">
          <Group justify="space-between" h={60} wrap="nowrap">
            <Link to="/connections" className={classes.brand} aria-label={texts.start}>
              <Brand />
            </Link>
            <Group gap="xs" wrap="nowrap" miw={0}>
              {context}
              {account}
            </Group>
          </Group>
          <Tabs tabs={props.organization ? tabsOfOrganizations : tabs} label={texts.main} />
        </Container>
      </Box>
      <Container size="60rem" px="md" py="xl" component="main" id="main" tabIndex={-1}>
        {children}
      </Container>
    </>
  );
}

export function ShellPending() {
  return (
    <Shell>
      <PageSkeleton />
    </Shell>
  );
}
