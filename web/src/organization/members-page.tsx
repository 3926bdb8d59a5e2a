// Who is in an organization, who is invited, and which clients act for its members.
import { Avatar, Button, Card, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { answered } from '../graphql/outcome.ts';
import { GrantChanged, useLive } from '../graphql/use-live.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { Invitations, Invitations_organization } from './invitations.tsx';
import { MemberGrants, MemberGrants_grant } from './member-grants.tsx';
import { NoOrganization } from './no-organization.tsx';
import { isManager, manageable, type Role, roleNames, roleOptions } from './roles.ts';
import { members as texts } from './texts.ts';

const Members = graphql(
  `
    query Members($id: ID!) {
      viewer {
        user {
          id
        }
      }
      node(id: $id) {
        __typename
        ... on Organization {
          id
          name
          viewerRole
          members {
            id
            role
            user {
              id
              name
              email
            }
          }
          ...Invitations_organization
          grants(first: 50) {
            edges {
              node {
                ...MemberGrants_grant
              }
            }
          }
        }
      }
    }
  `,
  [Invitations_organization, MemberGrants_grant],
);

const MemberSetRole = graphql(`
  mutation MemberSetRole($input: MemberSetRoleInput!) {
    memberSetRole(input: $input) {
      __typename
      ... on MemberSetRolePayload {
        member {
          id
          role
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const MemberRemove = graphql(
  `
    mutation MemberRemove($input: MemberRemoveInput!) {
      memberRemove(input: $input) {
        __typename
        ... on MemberRemovePayload {
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

const typenames = ['Organization', 'Member', 'Invitation', 'OrganizationGrant', 'Grant'];
export const loadMembers = (client: Client, id: string) => load(client, Members, { id }, typenames);

const route = getRouteApi('/_signed-in/members');

export function MembersPage() {
  const { org = '' } = route.useSearch();
  const { setup } = route.useRouteContext();
  const { data, error, refresh } = usePageQuery(Members, { id: org }, typenames);
  const [, setRole] = useMutation(MemberSetRole);
  const [, remove] = useMutation(MemberRemove);
  const [refusal, setRefusal] = useState<string>();
  const removing = useTarget<{ id: string; name: string }>();
  useLive(refresh, GrantChanged, org);
  const organization = data?.node?.__typename === 'Organization' ? data.node : undefined;
  if (!data) return error ? <Failure title={texts.failed} error={error} retry={refresh} /> : <ListSkeleton />;
  if (!organization) return <NoOrganization />;
  const mine = manageable(organization.viewerRole);

  async function change(memberId: string, role: Role) {
    const answer = await setRole({ input: { memberId, role } }, { additionalTypenames: typenames });
    const outcome = answered(
      answer,
      (told) => told.memberSetRole,
      () => null,
    );
    setRefusal('refused' in outcome ? outcome.refused : undefined);
  }

  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead(organization.name)} />
      {error && <StaleNotice error={error} retry={refresh} />}
      <Stack gap="lg">
        <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="members">
          <Title order={2} id="members" mb="md">
            {texts.count(organization.members.length)}
          </Title>
          {refusal && (
            <Text role="alert" c="red" mb="sm">
              {refusal}
            </Text>
          )}
          <Stack component="ul" className="plain-list" gap="md" aria-label={texts.list}>
            {organization.members.map(({ id, role, user }) => (
              <Group key={id} component="li" justify="space-between" gap="sm">
                <Group gap="sm" wrap="nowrap" flex="1 1 14rem" miw={0}>
                  <Avatar name={user.name} color="initials" aria-hidden />
                  <div style={{ minWidth: 0 }}>
                    <Text fw={600} className="break-anywhere">
                      {user.name}
                      {user.id === data.viewer?.user.id && texts.you}
                    </Text>
                    <Text size="sm" c="dimmed" className="break-anywhere">
                      {user.email}
                    </Text>
                  </div>
                </Group>
                <Group gap="sm">
                  {mine.includes(role) ? (
                    <NativeSelect
                      aria-label={texts.roleOf(user.name)}
                      value={role}
                      data={roleOptions(mine)}
                      onChange={({ currentTarget }) => change(id, currentTarget.value as Role)}
                    />
                  ) : (
                    <Text size="sm">{roleNames[role]}</Text>
                  )}
                  {mine.includes(role) && user.id !== data.viewer?.user.id && (
                    <Button
                      color="red"
                      variant="outline"
                      aria-label={texts.removeLabel(user.name)}
                      onClick={() => removing.open({ id, name: user.name })}
                    >
                      {texts.remove}
                    </Button>
                  )}
                </Group>
              </Group>
            ))}
          </Stack>
        </Card>
        {isManager(organization.viewerRole) && (
          <>
            <Invitations organization={organization} roles={mine} closed={setup.signUp === 'first'} />
            <MemberGrants grants={organization.grants.edges.map(({ node }) => node)} />
          </>
        )}
      </Stack>
      {removing.value && (
        <EndDialog
          opened={removing.opened}
          title={texts.ask(removing.value.name)}
          doneTitle={texts.done(removing.value.name)}
          confirm={texts.confirm}
          act={async () =>
            answered(
              await remove(
                { input: { memberId: removing.value?.id ?? '' } },
                { additionalTypenames: [...typenames, 'AuditEvent'] },
              ),
              (told) => told.memberRemove,
              ({ receipt }) => receiptSentence(receipt),
            )
          }
          onClose={removing.close}
        >
          <Text>{texts.what(removing.value.name, organization.name)}</Text>
        </EndDialog>
      )}
    </>
  );
}
