// A list with nothing in it: a picture, why, and what to do next. The same look wherever a list is empty.
import { EmptyState, Text } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';

interface Props {
  icon: ComponentType<{ 'aria-hidden': true }>;
  title: string;
  how: ReactNode;
  /** What leads on. */
  children?: ReactNode;
}

export function EmptyList({ icon: Icon, title, how, children }: Props) {
  return (
    <EmptyState
      icon={<Icon aria-hidden />}
      withIndicatorBackground
      mt={48}
      title={title}
      description={
        <Text component="span" inherit className="break-anywhere">
          {how}
        </Text>
      }
    >
      {children && <EmptyState.Actions>{children}</EmptyState.Actions>}
    </EmptyState>
  );
}
