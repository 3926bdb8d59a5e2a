// Confirms taking back a sign-in, a grant, a whole client or a selection: shows exactly what, then what ended.
import { Box, List, Text } from '@mantine/core';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import type { Outcome } from '../graphql/outcome.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { endedBy, Receipt } from '../ui/receipt.ts';
import { When } from '../ui/when.tsx';
import { GrantFacts } from './grant-facts.tsx';
import type { Revocable } from './revocable.ts';
import { revoking as texts } from './texts.tsx';

const GrantsRevoke = graphql(
  `
    mutation GrantsRevoke($input: GrantsRevokeInput!) {
      outcome: grantsRevoke(input: $input) {
        __typename
        ... on GrantsRevokePayload {
          grants {
            id
            status
          }
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

const ClientRevoke = graphql(
  `
    mutation ClientRevoke($input: ClientRevokeInput!) {
      outcome: clientRevoke(input: $input) {
        __typename
        ... on ClientRevokePayload {
          grants {
            id
            status
          }
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

const FamilyRevoke = graphql(
  `
    mutation FamilyRevoke($input: FamilyRevokeInput!) {
      outcome: familyRevoke(input: $input) {
        __typename
        ... on FamilyRevokePayload {
          grant {
            id
            status
          }
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

// What the answers do not name, but lists show: a card's connection counts grants.
const context = { additionalTypenames: ['Grant', 'McpConnection', 'AuditEvent'] };

interface Props {
  opened: boolean;
  what: Revocable;
  onClose: (ended: boolean) => void;
}

export function RevokeDialog({ opened, what, onClose }: Props) {
  const [, revokeGrants] = useMutation(GrantsRevoke);
  const [, revokeClient] = useMutation(ClientRevoke);
  const [, revokeFamily] = useMutation(FamilyRevoke);

  async function act(): Promise<Outcome<string>> {
    switch (what.kind) {
      case 'grant':
        return endedBy(await revokeGrants({ input: { grantIds: [what.id] } }, context));
      case 'selection':
        return endedBy(await revokeGrants({ input: { grantIds: what.grants.map(({ id }) => id) } }, context));
      case 'client':
        return endedBy(await revokeClient({ input: { clientId: what.id } }, context));
      case 'sign-in':
        return endedBy(await revokeFamily({ input: { familyId: what.id } }, context));
    }
  }

  return (
    <EndDialog opened={opened} {...words(what)} act={act} onClose={onClose}>
      <Subject what={what} />
    </EndDialog>
  );
}

function words(what: Revocable): { title: string; doneTitle: string; confirm: string } {
  switch (what.kind) {
    case 'grant':
      return {
        title: texts.grant.ask(what.client),
        doneTitle: texts.grant.done(what.client),
        confirm: texts.grant.confirm,
      };
    case 'client':
      return {
        title: texts.client.ask(what.client),
        doneTitle: texts.client.done(what.client),
        confirm: texts.client.confirm,
      };
    case 'sign-in':
      return { title: texts.signIn.ask, doneTitle: texts.signIn.done, confirm: texts.signIn.confirm };
    case 'selection': {
      const { length } = what.grants;
      return {
        title: texts.selection.ask(length),
        doneTitle: texts.selection.done(length),
        confirm: texts.selection.confirm(length),
      };
    }
  }
}

function Subject({ what }: { what: Revocable }) {
  switch (what.kind) {
    case 'grant':
      return (
        <>
          <Text className="break-anywhere">{texts.grant.what(what.client, what.connection, what.signIns)}</Text>
          <GrantFacts clientId={what.clientId} redirectUri={what.redirectUri} />
        </>
      );
    case 'client':
      return <Text className="break-anywhere">{texts.client.what(what.client)}</Text>;
    case 'sign-in':
      return (
        <Text className="break-anywhere">
          {texts.signIn.what(what.label, <When at={what.createdAt} />, what.client, what.connection)}
        </Text>
      );
    case 'selection':
      return (
        <>
          <Text>{texts.selection.what}</Text>
          {/* However many they are, the buttons stay in sight. */}
          <Box mah="45dvh" style={{ overflowY: 'auto' }} role="region" aria-label={texts.selection.list} tabIndex={0}>
            <List listStyleType="disc" className="break-anywhere">
              {what.grants.map(({ id, client, connection }) => (
                <List.Item key={id}>{texts.selection.use(client, connection)}</List.Item>
              ))}
            </List>
          </Box>
        </>
      );
  }
}
