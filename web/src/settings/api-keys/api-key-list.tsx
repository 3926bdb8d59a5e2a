// API keys that are not revoked, each with what it is good for and the way to end it.
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import { useMutation } from 'urql';
import { type FragmentOf, graphql, readFragment } from '../../graphql/graphql.ts';
import { answered } from '../../graphql/outcome.ts';
import { EndDialog } from '../../ui/end-dialog.tsx';
import { useTarget } from '../../ui/use-target.ts';
import { When } from '../../ui/when.tsx';
import { scopeNames } from './scope-names.ts';
import { list as texts } from './texts.ts';

export const ApiKeyList_apiKey = graphql(`
  fragment ApiKeyList_apiKey on ApiKey {
    id
    name
    start
    scopes
    createdAt
    expiresAt
    lastUsedAt
    user {
      name
    }
    organization {
      name
    }
  }
`);

const ApiKeyRevoke = graphql(`
  mutation ApiKeyRevoke($input: ApiKeyRevokeInput!) {
    apiKeyRevoke(input: $input) {
      __typename
      ... on ApiKeyRevokePayload {
        apiKey {
          id
          revokedAt
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export function ApiKeyList(props: { apiKeys: readonly FragmentOf<typeof ApiKeyList_apiKey>[] }) {
  const apiKeys = readFragment(ApiKeyList_apiKey, props.apiKeys);
  const [, revoke] = useMutation(ApiKeyRevoke);
  const ending = useTarget<{ id: string; name: string }>();
  return (
    <>
      <Stack component="ul" className="plain-list" gap="lg" aria-label={texts.label}>
        {apiKeys.map((apiKey) => (
          <Group key={apiKey.id} component="li" justify="space-between" align="flex-start" gap="sm">
            <div style={{ flex: '1 1 18rem', minWidth: 0 }}>
              <Text fw={600} className="break-anywhere">
                {apiKey.name} <Code>{apiKey.start}…</Code>
              </Text>
              <Group gap={6} my={4}>
                {apiKey.scopes.map((scope) => (
                  <Badge key={scope} variant="light" color="gray" fw={500}>
                    {scopeNames[scope].name}
                  </Badge>
                ))}
              </Group>
              <Text size="sm" c="dimmed" className="break-anywhere">
                {apiKey.organization ? texts.madeFor(apiKey.organization.name, apiKey.user.name) : texts.made}
                <When at={apiKey.createdAt} />
                {apiKey.lastUsedAt ? (
                  <>
                    {texts.lastUsed}
                    <When at={apiKey.lastUsedAt} />
                  </>
                ) : (
                  texts.neverUsed
                )}
                {apiKey.expiresAt && (
                  <>
                    {texts.expires}
                    <When at={apiKey.expiresAt} />
                  </>
                )}
              </Text>
            </div>
            <Button
              color="red"
              variant="outline"
              aria-label={texts.revokeLabel(apiKey.name)}
              onClick={() => ending.open({ id: apiKey.id, name: apiKey.name })}
            >
              {texts.revoke}
            </Button>
          </Group>
        ))}
      </Stack>
      {ending.value && (
        <EndDialog
          opened={ending.opened}
          title={texts.ask(ending.value.name)}
          doneTitle={texts.revoked}
          confirm={texts.confirm}
          act={async () =>
            answered(
              await revoke({ input: { apiKeyId: ending.value?.id ?? '' } }, { additionalTypenames: ['ApiKey'] }),
              (data) => data.apiKeyRevoke,
              () => texts.receipt,
            )
          }
          onClose={ending.close}
        >
          <Text>{texts.what}</Text>
        </EndDialog>
      )}
    </>
  );
}
