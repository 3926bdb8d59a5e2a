// Who is signed in. The only query that may find nobody.
import type { Client } from '@urql/core';
import { graphql, type ResultOf } from '../graphql/graphql.ts';

export const Session = graphql(`
  query Session {
    viewer {
      user {
        id
        name
        email
        role
      }
    }
  }
`);

export type SessionUser = NonNullable<ResultOf<typeof Session>['viewer']>['user'];

export async function sessionUser(client: Client): Promise<SessionUser | null> {
  const { data, error } = await client.query(Session, {}).toPromise();
  if (error && !error.graphQLErrors.some((one) => one.extensions.code === 'UNAUTHENTICATED')) throw error;
  return data?.viewer?.user ?? null;
}
