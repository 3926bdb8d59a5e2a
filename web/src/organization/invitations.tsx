// Inviting people into an organization, and the invitations that are open.
import { Alert, Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { answered, type Outcome } from '../graphql/outcome.ts';
import { CopyableCode } from '../ui/copyable.tsx';
import { When } from '../ui/when.tsx';
import { type Role, roleNames, roleOptions } from './roles.ts';
import { inviting as texts } from './texts.ts';

export const Invitations_organization = graphql(`
  fragment Invitations_organization on Organization {
    id
    invitations {
      id
      email
      role
      expiresAt
    }
  }
`);

const MemberInvite = graphql(`
  mutation MemberInvite($input: MemberInviteInput!) {
    memberInvite(input: $input) {
      __typename
      ... on MemberInvitePayload {
        link
        invitation {
          id
          email
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const InvitationRevoke = graphql(`
  mutation InvitationRevoke($input: InvitationRevokeInput!) {
    invitationRevoke(input: $input) {
      __typename
      ... on InvitationRevokePayload {
        organization {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const context = { additionalTypenames: ['Organization', 'Invitation'] };

interface Props {
  organization: FragmentOf<typeof Invitations_organization>;
  roles: Role[];
  /** Whether nobody but those who have an account can accept. */
  closed: boolean;
}

export function Invitations(props: Props) {
  const { id, invitations } = readFragment(Invitations_organization, props.organization);
  const [{ fetching }, invite] = useMutation(MemberInvite);
  const [, revoke] = useMutation(InvitationRevoke);
  const [outcome, setOutcome] = useState<Outcome<{ email: string; link: string | null } | null>>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const input = { organizationId: id, email: String(fields.get('email')), role: String(fields.get('role')) as Role };
    const invited = answered(
      await invite({ input }, context),
      (data) => data.memberInvite,
      ({ link, invitation }) => ({ link, email: invitation.email }),
    );
    setOutcome(invited);
    if ('done' in invited) form.reset();
  }

  async function withdraw(invitationId: string) {
    const answer = await revoke({ input: { invitationId } }, context);
    setOutcome(
      answered(
        answer,
        (data) => data.invitationRevoke,
        () => null,
      ),
    );
  }

  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="invitations">
      <Title order={2} id="invitations" mb="md">
        {texts.title}
      </Title>
      {props.closed && (
        <Text size="sm" c="dimmed" mb="md">
          {texts.closed}
        </Text>
      )}
      <form onSubmit={submit} aria-label={texts.form}>
        <Group align="flex-end" gap="sm">
          <TextInput flex="1 1 14rem" name="email" type="email" label={texts.email} required withAsterisk={false} />
          <NativeSelect
            name="role"
            label={texts.role}
            defaultValue="MEMBER"
            data={roleOptions([...props.roles].reverse())}
          />
          <Button type="submit" loading={fetching}>
            {texts.submit}
          </Button>
        </Group>
      </form>
      {outcome && 'refused' in outcome && (
        <Alert color="red" role="alert" mt="md">
          {outcome.refused}
        </Alert>
      )}
      {outcome && 'done' in outcome && outcome.done && (
        <Alert color="teal" role="status" mt="md" title={texts.done(outcome.done.email)}>
          {outcome.done.link ? (
            <Stack gap="xs">
              <Text size="sm">{texts.byHand}</Text>
              <CopyableCode value={outcome.done.link} label={texts.copy} />
            </Stack>
          ) : (
            <Text size="sm">{texts.sent}</Text>
          )}
        </Alert>
      )}
      {invitations.length > 0 && (
        <Stack component="ul" className="plain-list" gap="sm" mt="lg" aria-label={texts.open}>
          {invitations.map((invitation) => (
            <Group key={invitation.id} component="li" justify="space-between" gap="sm">
              <Text className="break-anywhere" flex="1 1 14rem">
                {invitation.email}{' '}
                <Text span size="sm" c="dimmed">
                  {texts.as(roleNames[invitation.role].toLowerCase())}
                  <When at={invitation.expiresAt} />
                </Text>
              </Text>
              <Button
                variant="default"
                aria-label={texts.withdrawLabel(invitation.email)}
                onClick={() => withdraw(invitation.id)}
              >
                {texts.withdraw}
              </Button>
            </Group>
          ))}
        </Stack>
      )}
    </Card>
  );
}
