// The frame of pages that stand alone: signing in, consent, and what went wrong.
import { Box, Card, Center, Container } from '@mantine/core';
import type { ReactNode } from 'react';
import { Brand } from './brand.tsx';

export function NarrowPage({ children, size = '28rem' }: { children: ReactNode; size?: string }) {
  return (
    <Container size={size} px="md" py={{ base: 'md', sm: 48 }}>
      <Center component="header" mb="lg">
        <Brand />
      </Center>
      <Box component="main" id="main" tabIndex={-1}>
        <Card withBorder padding="lg" radius="lg" bg="var(--grantway-card)">
          {children}
        </Card>
      </Box>
    </Container>
  );
}
