// The head of a page: its h1 (which takes the focus after navigation), the document's title, and the page's own actions.
import { Box, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { brand } from './texts.ts';

export function PageHeading(props: {
  title: string;
  lead?: ReactNode;
  badge?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
}) {
  return (
    <Box component="header" mb="lg">
      <title>{brand.title(props.title)}</title>
      {props.above}
      <Group justify="space-between" align="flex-start" gap="md">
        <Box flex="1 1 18rem">
          <Group gap="sm">
            <Title order={1} tabIndex={-1} className="break-anywhere">
              {props.title}
            </Title>
            {props.badge}
          </Group>
          {props.lead && (
            <Text c="dimmed" mt={6} maw="44rem" className="break-anywhere">
              {props.lead}
            </Text>
          )}
        </Box>
        {props.actions}
      </Group>
    </Box>
  );
}
