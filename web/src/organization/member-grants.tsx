// Which clients act for the members of an organization: that they do, for whom, and the way to end it.
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation } from 'urql';
import { clientTitle } from '../clients/client-title.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { answered } from '../graphql/outcome.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import { useTarget } from '../ui/use-target.ts';
import { When } from '../ui/when.tsx';

export const MemberGrants_grant = graphql(`
  fragment MemberGrants_grant on OrganizationGrant {
    id
    approvedAt
    lastUsedAt
    user {
      name
    }
    client {
      name
      verifiedHost
    }
    connection {
      name
    }
  }
`);

const OrganizationGrantRevoke = graphql(
  `
    mutation OrganizationGrantRevoke($input: OrganizationGrantRevokeInput!) {
      organizationGrantRevoke(input: $input) {
        __typename
        ... on OrganizationGrantRevokePayload {
          receipt {
            ...Receipt
          }
        }
        ... on Error {
          message
        }
      }
    }
  `,
  [Receipt],
);

const context = { additionalTypenames: ['Organization', 'OrganizationGrant', 'Grant', 'AuditEvent'] };

export function MemberGrants(props: { grants: readonly FragmentOf<typeof MemberGrants_grant>[] }) {
  const grants = readFragment(MemberGrants_grant, props.grants);
  const [, revoke] = useMutation(OrganizationGrantRevoke);
  const ending = useTarget<{ id: string; client: string; user: string; connection: string }>();
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="member-grants">
      <Title order={2} id="member-grants" mb="xs">
        Clients of members
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        You see that they have access and can end it. Whatever they do there is the member’s own.
      </Text>
      {grants.length === 0 && <Text>No client has access to a connection of this organization.</Text>}
      <Stack component="ul" className="plain-list" gap="md" aria-label="Clients of members">
        {grants.map(({ id, user, client, connection, approvedAt, lastUsedAt }) => {
          const title = clientTitle(client);
          return (
            <Group key={id} component="li" justify="space-between" gap="sm">
              <div style={{ flex: '1 1 16rem', minWidth: 0 }}>
                <Text className="break-anywhere">
                  <Text span fw={600}>
                    {title}
                  </Text>{' '}
                  for {user.name}, to use {connection.name}
                </Text>
                <Text size="sm" c="dimmed">
                  Authorized <When at={approvedAt} />
                  {lastUsedAt ? (
                    <>
                      , last used <When at={lastUsedAt} />
                    </>
                  ) : (
                    ', never used'
                  )}
                </Text>
              </div>
              <Button
                color="red"
                variant="outline"
                aria-label={`Revoke ${title} of ${user.name}`}
                onClick={() => ending.open({ id, client: title, user: user.name, connection: connection.name })}
              >
                Revoke
              </Button>
            </Group>
          );
        })}
      </Stack>
      {ending.value && (
        <EndDialog
          opened={ending.opened}
          title={`Revoke ${ending.value.client} of ${ending.value.user}?`}
          doneTitle="Revoked"
          confirm="Revoke"
          act={async () =>
            answered(
              await revoke({ input: { organizationGrantId: ending.value?.id ?? '' } }, context),
              (data) => data.organizationGrantRevoke,
              ({ receipt }) => receiptSentence(receipt),
            )
          }
          onClose={ending.close}
        >
          <Text>
            {ending.value.client} loses {ending.value.connection} at once, open sessions included. {ending.value.user}{' '}
            can authorize it again while the connection is assigned to them.
          </Text>
        </EndDialog>
      )}
    </Card>
  );
}
