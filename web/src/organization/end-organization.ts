// Leaving and deleting an organization, each resolving to its receipt as a sentence.
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import type { Outcome } from '../graphql/outcome.ts';
import { endedBy, Receipt } from '../ui/receipt.ts';

const OrganizationLeave = graphql(
  `
    mutation OrganizationLeave($input: OrganizationLeaveInput!) {
      outcome: organizationLeave(input: $input) {
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
      outcome: organizationDelete(input: $input) {
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
  return async (act) => endedBy(await (act === 'leave' ? leave({ input }, context) : remove({ input }, context)));
}
