// Confirms revoking a grant: shows exactly whose, then what ended.
import { Text } from '@mantine/core';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused, unhandled } from '../graphql/outcome.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import { GrantFacts } from './grant-facts.tsx';

const GrantRevoke = graphql(
  `
    mutation GrantRevoke($input: GrantRevokeInput!) {
      grantRevoke(input: $input) {
        __typename
        ... on GrantRevokePayload {
          grant {
            id
            status
            revokedAt
            connection {
              id
            }
          }
          receipt {
            ...Receipt
          }
        }
        ... on NotFoundError {
          message
        }
      }
    }
  `,
  [Receipt],
);

export interface RevocableGrant {
  id: string;
  client: string;
  connection: string;
  clientId: string;
  redirectUri: string;
  signIns: number;
}

/** Our own words get a capital; a host or a quoted name stays as it is. */
const sentenceCase = (text: string): string => text.replace(/^this /, 'This ');

interface Props {
  opened: boolean;
  grant: RevocableGrant;
  onClose: () => void;
}

export function RevokeGrantDialog({ opened, grant, onClose }: Props) {
  const [, revoke] = useMutation(GrantRevoke);

  async function act(): Promise<Outcome<string>> {
    const { data, error } = await revoke(
      { input: { grantId: grant.id } },
      { additionalTypenames: ['Grant', 'AuditEvent'] },
    );
    if (error || !data) return failed(error);
    const outcome = data.grantRevoke;
    switch (outcome.__typename) {
      case 'GrantRevokePayload':
        return done(receiptSentence(outcome.receipt, outcome.grant.revokedAt ?? undefined));
      case 'NotFoundError':
        return refused(outcome.message);
      default:
        return unhandled(outcome);
    }
  }

  return (
    <EndDialog
      opened={opened}
      title={`Revoke access of ${grant.client}?`}
      doneTitle={`${sentenceCase(grant.client)} has lost access`}
      confirm="Revoke access"
      act={act}
      onClose={onClose}
    >
      <Text>
        {sentenceCase(grant.client)} will lose access to <b>{grant.connection}</b>. This takes effect now and ends{' '}
        {grant.signIns > 0 && (grant.signIns === 1 ? 'its sign-in and ' : `its ${grant.signIns} sign-ins and `)}every
        open session. To come back, it must ask you again.
      </Text>
      <GrantFacts clientId={grant.clientId} redirectUri={grant.redirectUri} />
    </EndDialog>
  );
}
