// What a grant allows, in plain words.
import { Badge, Code, List } from '@mantine/core';
import type { ReactNode } from 'react';
import { scopes as texts } from './texts.tsx';

function scopeText(scope: string, connection: string): ReactNode {
  switch (scope) {
    case 'mcp:access':
      return texts.access(connection);
    case 'profile':
      return texts.profile;
    case 'offline_access':
      return null;
    default:
      return <Code>{scope}</Code>;
  }
}

interface Props {
  scopes: readonly string[];
  connection: string;
  /** Scopes that carry a mark, and what it says. */
  marked?: readonly string[];
  mark?: string;
}

export function GrantedScopes({ scopes, connection, marked = [], mark }: Props) {
  const items = scopes.map((scope) => ({ scope, text: scopeText(scope, connection) })).filter(({ text }) => text);
  return (
    <List listStyleType="disc" size="sm" spacing={2} className="break-anywhere">
      {items.map(({ scope, text }) => (
        <List.Item key={scope}>
          {text}
          {marked.includes(scope) && (
            <Badge variant="light" color="orange" ml="xs">
              {mark}
            </Badge>
          )}
        </List.Item>
      ))}
    </List>
  );
}
