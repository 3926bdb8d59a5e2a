// Confirms revoking one sign-in of a grant: one laptop loses access, the others keep it.
import { Text } from '@mantine/core';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused, unhandled } from '../graphql/outcome.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import type { SignIn } from './sign-ins.tsx';

const FamilyRevoke = graphql(
  `
    mutation FamilyRevoke($input: FamilyRevokeInput!) {
      familyRevoke(input: $input) {
        __typename
        ... on FamilyRevokePayload {
          grant {
            id
            status
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

interface Props {
  opened: boolean;
  signIn: SignIn & { client: string; connection: string };
  onClose: () => void;
}

export function RevokeSignInDialog({ opened, signIn, onClose }: Props) {
  const [, revoke] = useMutation(FamilyRevoke);

  async function act(): Promise<Outcome<string>> {
    const { data, error } = await revoke(
      { input: { familyId: signIn.id } },
      { additionalTypenames: ['Grant', 'AuditEvent'] },
    );
    if (error || !data) return failed(error);
    const outcome = data.familyRevoke;
    switch (outcome.__typename) {
      case 'FamilyRevokePayload':
        return done(receiptSentence(outcome.receipt));
      case 'NotFoundError':
        return refused(outcome.message);
      default:
        return unhandled(outcome);
    }
  }

  return (
    <EndDialog
      opened={opened}
      title="Revoke this sign-in?"
      doneTitle="The sign-in has ended"
      confirm="Revoke sign-in"
      act={act}
      onClose={onClose}
    >
      <Text>
        <b>{signIn.label}</b>, a sign-in of {signIn.client}, will lose access to <b>{signIn.connection}</b>. This takes
        effect now, open sessions included. Other sign-ins of the same client stay.
      </Text>
    </EndDialog>
  );
}
