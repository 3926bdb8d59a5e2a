// What Grantway knows about the server behind a connection, and the ways to change it.
import { Button, Card, Code, DataList, Group, Text, Title } from '@mantine/core';
import { IconKey, IconPencil } from '@tabler/icons-react';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { authModeText } from './auth-mode.ts';
import { settings as texts } from './provider-texts.ts';
import { serverSettings as serverTexts } from './texts.tsx';

export const ConnectionSettings_connection = graphql(`
  fragment ConnectionSettings_connection on McpConnection {
    remoteUrl
    authMode
    staticHeaderNames
    provider {
      issuer
      scopes
      callbackUrl
      client {
        clientId
        issuer
      }
    }
    createdAt
    updatedAt
  }
`);

interface Props {
  connection: FragmentOf<typeof ConnectionSettings_connection>;
  onEdit: () => void;
  onReplaceHeaders: () => void;
  onReplaceClient: () => void;
}

export function ConnectionSettings({ connection: masked, onEdit, onReplaceHeaders, onReplaceClient }: Props) {
  const connection = readFragment(ConnectionSettings_connection, masked);
  const withHeaders = connection.authMode === 'STATIC_HEADERS';
  const withClient = connection.authMode === 'OAUTH_STATIC';
  const changed = Date.parse(connection.updatedAt) - Date.parse(connection.createdAt) > 60_000;
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="the-server">
      <Group justify="space-between" mb="md">
        <Title order={2} id="the-server">
          {serverTexts.title}
        </Title>
        <Group gap="xs">
          {withHeaders && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconKey size={16} aria-hidden />}
              onClick={onReplaceHeaders}
            >
              {serverTexts.replaceHeaders}
            </Button>
          )}
          {withClient && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconKey size={16} aria-hidden />}
              onClick={onReplaceClient}
            >
              {connection.provider?.client ? texts.replace : texts.enter}
            </Button>
          )}
          <Button variant="default" size="xs" leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
            {serverTexts.edit}
          </Button>
        </Group>
      </Group>
      <DataList orientation="vertical" gap="md">
        <DataList.Item>
          <DataList.ItemLabel>{serverTexts.url}</DataList.ItemLabel>
          <DataList.ItemValue>
            <Code className="break-anywhere">{connection.remoteUrl}</Code>
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>{serverTexts.mode}</DataList.ItemLabel>
          <DataList.ItemValue>{authModeText[connection.authMode]}</DataList.ItemValue>
        </DataList.Item>
        {withHeaders && (
          <DataList.Item>
            <DataList.ItemLabel>{serverTexts.headers}</DataList.ItemLabel>
            <DataList.ItemValue>
              <Group gap="xs">
                {connection.staticHeaderNames.map((name) => (
                  <Code key={name} className="break-anywhere">
                    {name}
                  </Code>
                ))}
              </Group>
            </DataList.ItemValue>
          </DataList.Item>
        )}
        {connection.provider && <ProviderItems provider={connection.provider} byHand={withClient} />}
        <DataList.Item>
          <DataList.ItemLabel>{serverTexts.created}</DataList.ItemLabel>
          <DataList.ItemValue>
            <Text inherit span>
              <When at={connection.createdAt} />
              {changed && (
                <>
                  {serverTexts.changed}
                  <When at={connection.updatedAt} />
                </>
              )}
            </Text>
          </DataList.ItemValue>
        </DataList.Item>
      </DataList>
    </Card>
  );
}

type Provider = NonNullable<ResultOf<typeof ConnectionSettings_connection>['provider']>;

function ProviderItems({ provider, byHand }: { provider: Provider; byHand: boolean }) {
  const issuer = provider.issuer ?? provider.client?.issuer;
  const items = [
    { label: texts.provider, value: issuer },
    { label: texts.client, value: provider.client?.clientId, none: byHand ? texts.missing : texts.noClient },
    { label: texts.scopes, value: provider.scopes.join(' ') },
    { label: texts.callback, value: byHand ? provider.callbackUrl : undefined },
  ];
  return items
    .filter(({ value, none }) => value || none)
    .map(({ label, value, none }) => (
      <DataList.Item key={label}>
        <DataList.ItemLabel>{label}</DataList.ItemLabel>
        <DataList.ItemValue>{value ? <Code className="break-anywhere">{value}</Code> : none}</DataList.ItemValue>
      </DataList.Item>
    ));
}
