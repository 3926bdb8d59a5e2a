// Leaving and deleting an organization, each resolving to its receipt as a sentence.
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered, type Outcome } from '../graphql/outcome.ts';
import { Receipt, receiptSentence } from '../ui/receipt.ts';

const OrganizationLeave = graphql(
  `
    mutation OrganizationLeave($input: OrganizationLeaveInput!) {
      organizationLeave(input: $input) {
        __typename
        ... on OrganizationLeavePayload {
          organizationId
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

const OrganizationDelete = graphql(
  `
    mutation OrganizationDelete($input: OrganizationDeleteInput!) {
      organizationDelete(input: $input) {
        __typename
        ... on OrganizationDeletePayload {
          organizationId
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

export function useEndOrganization(organizationId: string): (act: 'leave' | 'delete') => Promise<Outcome<string>> {
  const [, leave] = useMutation(OrganizationLeave);
  const [, remove] = useMutation(OrganizationDelete);
  const input = { organizationId };
  const context = { additionalTypenames: ['Organization', 'McpConnection', 'Grant', 'AuditEvent'] };
  return async (act) =>
    act === 'leave'
      ? answered(
          await leave({ input }, context),
          (data) => data.organizationLeave,
          ({ receipt }) => receiptSentence(receipt),
        )
      : answered(
          await remove({ input }, context),
          (data) => data.organizationDelete,
          ({ receipt }) => receiptSentence(receipt),
        );
}
