// The two answers to a request.
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql } from '../graphql/graphql.ts';
import { question } from './texts.tsx';

const AuthorizationApprove = graphql(`
  mutation AuthorizationApprove($input: AuthorizationApproveInput!) {
    authorizationApprove(input: $input) {
      __typename
      ... on AuthorizationApprovePayload {
        redirectTo
      }
      ... on NotFoundError {
        message
      }
      ... on ValidationError {
        message
      }
      ... on AuthorizationClientChangedError {
        message
      }
      ... on AuthorizationRequestClosedError {
        status
      }
    }
  }
`);

const AuthorizationDeny = graphql(`
  mutation AuthorizationDeny($input: AuthorizationDenyInput!) {
    authorizationDeny(input: $input) {
      __typename
      ... on AuthorizationDenyPayload {
        redirectTo
      }
      ... on NotFoundError {
        message
      }
      ... on AuthorizationRequestClosedError {
        status
      }
    }
  }
`);

export type RequestStatus = ReturnType<typeof graphql.scalar<'AuthorizationRequestStatus'>>;
export type Decision =
  | { is: 'decided'; redirectTo: string }
  /** Answered, expired or withdrawn before, perhaps in another window. */
  | { is: 'closed'; status: RequestStatus }
  | { is: 'unknown' }
  /** What the client says of itself is not what the page has shown. */
  | { is: 'changed' }
  | { is: 'refused'; message: string };

const unreadable = (_: never): Decision => ({
  is: 'refused',
  message: question.unreadable,
});

export function useDecide(requestId: string) {
  const [, approve] = useMutation(AuthorizationApprove);
  const [, deny] = useMutation(AuthorizationDeny);

  return {
    async approve(choice: { expiresIn: number | undefined; connectionId: string | undefined }): Promise<Decision> {
      const { data, error } = await approve(
        { input: { requestId, ...choice } },
        { additionalTypenames: ['Grant', 'McpConnection', 'AuditEvent'] },
      );
      if (error || !data) return { is: 'refused', message: failureText(error) };
      const outcome = data.authorizationApprove;
      switch (outcome.__typename) {
        case 'AuthorizationApprovePayload':
          return { is: 'decided', redirectTo: outcome.redirectTo };
        case 'AuthorizationRequestClosedError':
          return { is: 'closed', status: outcome.status };
        case 'NotFoundError':
          return { is: 'unknown' };
        case 'AuthorizationClientChangedError':
          return { is: 'changed' };
        case 'ValidationError':
          return { is: 'refused', message: outcome.message };
        default:
          return unreadable(outcome);
      }
    },
    async deny(): Promise<Decision> {
      const { data, error } = await deny({ input: { requestId } }, { additionalTypenames: ['AuditEvent'] });
      if (error || !data) return { is: 'refused', message: failureText(error) };
      const outcome = data.authorizationDeny;
      switch (outcome.__typename) {
        case 'AuthorizationDenyPayload':
          return { is: 'decided', redirectTo: outcome.redirectTo };
        case 'AuthorizationRequestClosedError':
          return { is: 'closed', status: outcome.status };
        case 'NotFoundError':
          return { is: 'unknown' };
        default:
          return unreadable(outcome);
      }
    },
  };
}
