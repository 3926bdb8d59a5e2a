// What an administrator decides on a host, and on a single client: each resolves to what came of it, as a sentence.
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused, unhandled } from '../graphql/outcome.ts';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import { clients, hosts } from './texts.ts';

const ClientHostApprove = graphql(`
  mutation ClientHostApprove($input: ClientHostApproveInput!) {
    clientHostApprove(input: $input) {
      __typename
      ... on ClientHostApprovePayload {
        clientHost {
          host
          status
        }
      }
      ... on ValidationError {
        message
      }
    }
  }
`);

const ClientHostDeny = graphql(
  `
    mutation ClientHostDeny($input: ClientHostDenyInput!) {
      clientHostDeny(input: $input) {
        __typename
        ... on ClientHostDenyPayload {
          clientHost {
            host
            status
          }
          receipt {
            ...Receipt
          }
        }
        ... on ValidationError {
          message
        }
      }
    }
  `,
  [Receipt],
);

const ClientBlock = graphql(
  `
    mutation ClientBlock($input: ClientBlockInput!) {
      clientBlock(input: $input) {
        __typename
        ... on ClientBlockPayload {
          client {
            id
            blockedAt
          }
          receipt {
            ...Receipt
          }
        }
        ... on NotFoundError {
          message
        }
        ... on ValidationError {
          message
        }
      }
    }
  `,
  [Receipt],
);

const ClientUnblock = graphql(`
  mutation ClientUnblock($input: ClientUnblockInput!) {
    clientUnblock(input: $input) {
      __typename
      ... on ClientUnblockPayload {
        client {
          id
          blockedAt
        }
      }
      ... on NotFoundError {
        message
      }
    }
  }
`);

// What ends is somewhere in every list.
const additionalTypenames = ['ClientHost', 'Client', 'Grant', 'AuditEvent'];

export function useHostDecisions() {
  const [, approve] = useMutation(ClientHostApprove);
  const [, deny] = useMutation(ClientHostDeny);
  return {
    async approve(host: string): Promise<Outcome<string>> {
      const { data, error } = await approve({ input: { host } }, { additionalTypenames });
      if (error || !data) return failed(error);
      const outcome = data.clientHostApprove;
      switch (outcome.__typename) {
        case 'ClientHostApprovePayload':
          return done(hosts.letIn(host));
        case 'ValidationError':
          return refused(outcome.message);
        default:
          return unhandled(outcome);
      }
    },
    async deny(host: string): Promise<Outcome<string>> {
      const { data, error } = await deny({ input: { host } }, { additionalTypenames });
      if (error || !data) return failed(error);
      const outcome = data.clientHostDeny;
      switch (outcome.__typename) {
        case 'ClientHostDenyPayload':
          return done(receiptSentence(outcome.receipt));
        case 'ValidationError':
          return refused(outcome.message);
        default:
          return unhandled(outcome);
      }
    },
  };
}

export function useClientBlock() {
  const [, block] = useMutation(ClientBlock);
  const [, unblock] = useMutation(ClientUnblock);
  return {
    async block(clientId: string): Promise<Outcome<string>> {
      const { data, error } = await block({ input: { clientId } }, { additionalTypenames });
      if (error || !data) return failed(error);
      const outcome = data.clientBlock;
      switch (outcome.__typename) {
        case 'ClientBlockPayload':
          return done(receiptSentence(outcome.receipt));
        case 'NotFoundError':
        case 'ValidationError':
          return refused(outcome.message);
        default:
          return unhandled(outcome);
      }
    },
    async unblock(clientId: string): Promise<Outcome<string>> {
      const { data, error } = await unblock({ input: { clientId } }, { additionalTypenames });
      if (error || !data) return failed(error);
      const outcome = data.clientUnblock;
      switch (outcome.__typename) {
        case 'ClientUnblockPayload':
          return done(clients.unblocked);
        case 'NotFoundError':
          return refused(outcome.message);
        default:
          return unhandled(outcome);
      }
    },
  };
}
