// Says that who manages an organization's connection may not use it, and lets them change that.
import { Alert, Button } from '@mantine/core';
import { IconUserOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered } from '../graphql/outcome.ts';
import { assignContext, ConnectionAssign } from './assignees.tsx';
import { notAssigned as texts } from './texts.ts';

const OwnMembership = graphql(`
  query OwnMembership($id: ID!) {
    viewer {
      user {
        id
      }
    }
    node(id: $id) {
      __typename
      ... on McpConnection {
        sharingMode
        assignees {
          id
        }
        owner {
          __typename
          ... on Organization {
            members {
              id
              user {
                id
              }
            }
          }
        }
      }
    }
  }
`);

export function NotAssigned({ connectionId }: { connectionId: string }) {
  const [{ data }] = useQuery({ query: OwnMembership, variables: { id: connectionId } });
  const [{ fetching }, assign] = useMutation(ConnectionAssign);
  const [refusal, setRefusal] = useState<string>();
  const connection = data?.node?.__typename === 'McpConnection' ? data.node : undefined;
  const members = connection?.owner.__typename === 'Organization' ? connection.owner.members : [];
  const memberId = members.find(({ user }) => user.id === data?.viewer?.user.id)?.id;
  // Where it would be taken from somebody, the section about assignments asks first.
  const isFree = connection?.sharingMode === 'MULTI_USER' || connection?.assignees.length === 0;

  async function assignSelf() {
    const outcome = answered(
      await assign({ input: { connectionId, memberId: memberId ?? '' } }, assignContext),
      (told) => told.connectionAssign,
      () => null,
    );
    setRefusal('refused' in outcome ? outcome.refused : undefined);
  }

  return (
    <Alert mt="lg" color="orange" role="note" title={texts.title} icon={<IconUserOff aria-hidden />}>
      {texts.what}
      {memberId && isFree && (
        <Button variant="default" size="xs" mt="sm" display="block" loading={fetching} onClick={assignSelf}>
          {texts.assign}
        </Button>
      )}
      {refusal && <span role="alert">{refusal}</span>}
    </Alert>
  );
}
