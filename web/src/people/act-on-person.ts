// What administrators do with accounts. What ends something resolves to its receipt as a sentence.
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered, type Outcome } from '../graphql/outcome.ts';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import { ending as texts } from './texts.ts';

const UserBlock = graphql(
  `
    mutation UserBlock($input: UserBlockInput!) {
      userBlock(input: $input) {
        __typename
        ... on UserBlockPayload {
          people {
            id
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

const UserErase = graphql(
  `
    mutation UserErase($input: UserEraseInput!) {
      userErase(input: $input) {
        __typename
        ... on UserErasePayload {
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

const UserUnblock = graphql(`
  mutation UserUnblock($input: UserUnblockInput!) {
    userUnblock(input: $input) {
      __typename
      ... on UserUnblockPayload {
        person {
          id
          blockedAt
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const UserSetRole = graphql(`
  mutation UserSetRole($input: UserSetRoleInput!) {
    userSetRole(input: $input) {
      __typename
      ... on UserSetRolePayload {
        person {
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

const context = { additionalTypenames: ['Person', 'AuditEvent'] };

export function useActOnPerson() {
  const [, block] = useMutation(UserBlock);
  const [, erase] = useMutation(UserErase);
  const [, unblock] = useMutation(UserUnblock);
  const [, setRole] = useMutation(UserSetRole);
  return {
    block: async (which: { userIds: string[] } | { emailDomain: string }, reason: string): Promise<Outcome<string>> =>
      answered(
        await block({ input: { ...which, reason } }, context),
        (data) => data.userBlock,
        ({ people, receipt }) => texts.blocked(people.length, receiptSentence(receipt)),
      ),
    erase: async (userId: string): Promise<Outcome<string>> =>
      answered(
        await erase({ input: { userId } }, context),
        (data) => data.userErase,
        ({ receipt }) => receiptSentence(receipt),
      ),
    unblock: async (userId: string): Promise<Outcome<null>> =>
      answered(
        await unblock({ input: { userId } }, context),
        (data) => data.userUnblock,
        () => null,
      ),
    setRole: async (userId: string, role: 'USER' | 'ADMIN'): Promise<Outcome<null>> =>
      answered(
        await setRole({ input: { userId, role } }, context),
        (data) => data.userSetRole,
        () => null,
      ),
  };
}
