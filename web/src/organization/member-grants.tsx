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
import { memberGrants as texts } from './texts.ts';

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
        {texts.title}
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        {texts.lead}
      </Text>
      {grants.length === 0 && <Text>{texts.none}</Text>}
      <Stack component="ul" className="plain-list" gap="md" aria-label={texts.title}>
        {grants.map(({ id, user, client, connection, approvedAt, lastUsedAt }) => {
          const title = clientTitle(client);
          return (
            <Group key={id} component="li" justify="space-between" gap="sm">
              <div style={{ flex: '1 1 16rem', minWidth: 0 }}>
                <Text className="break-anywhere">
                  <Text span fw={600}>
                    {title}
                  </Text>{' '}
                  {texts.use(user.name, connection.name)}
                </Text>
                <Text size="sm" c="dimmed">
                  {texts.authorized}
                  <When at={approvedAt} />
                  {lastUsedAt ? (
                    <>
                      {texts.lastUsed}
                      <When at={lastUsedAt} />
                    </>
                  ) : (
                    texts.neverUsed
                  )}
                </Text>
              </div>
              <Button
                color="red"
                variant="outline"
                aria-label={texts.revokeLabel(title, user.name)}
                onClick={() => ending.open({ id, client: title, user: user.name, connection: connection.name })}
              >
                {texts.revoke}
              </Button>
            </Group>
          );
        })}
      </Stack>
      {ending.value && (
        <EndDialog
          opened={ending.opened}
          title={texts.ask(ending.value.client, ending.value.user)}
          doneTitle={texts.done}
          confirm={texts.revoke}
          act={async () =>
            answered(
              await revoke({ input: { organizationGrantId: ending.value?.id ?? '' } }, context),
              (data) => data.organizationGrantRevoke,
              ({ receipt }) => receiptSentence(receipt),
            )
          }
          onClose={ending.close}
        >
          <Text>{texts.what(ending.value.client, ending.value.connection, ending.value.user)}</Text>
        </EndDialog>
      )}
    </Card>
  );
}
