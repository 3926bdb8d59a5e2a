// A live look at a server while its address is typed. An answer for an address that has changed since is dropped.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql, type ResultOf } from '../graphql/graphql.ts';
import { TestOutcome_test } from './test-outcome.tsx';

export const ConnectionDiscover = graphql(
  `
  mutation ConnectionDiscover($input: ConnectionDiscoverInput!) {
    connectionDiscover(input: $input) {
      __typename
      ... on ConnectionDiscoverPayload {
        status
        authMode
        name
        test {
          ...TestOutcome_test
        }
        issuer
        providers {
          issuer
          registration
          pkce
          problem
          callbackUrl
        }
        scopes
        scopesOffered
      }
      ... on ValidationError {
        message
      }
    }
  }
`,
  [TestOutcome_test],
);

export type Found = Extract<
  ResultOf<typeof ConnectionDiscover>['connectionDiscover'],
  { __typename: 'ConnectionDiscoverPayload' }
>;
export type Look =
  | { state: 'idle' }
  | { state: 'looking' }
  | { state: 'found'; found: Found }
  | { state: 'refused'; message: string };

const PAUSE_MS = 500;
const WORTH_A_LOOK = /^https?:\/\/[^/\s]+\S*$/i;

/** `onFound` is told once of each server that is found. `lookNow` skips the pause, `lookAgain` also what is known. */
export function useDiscovery(remoteUrl: string, onFound: (found: Found) => void) {
  const [, discover] = useMutation(ConnectionDiscover);
  const [look, setLook] = useState<Look>({ state: 'idle' });
  const latest = useRef({ url: '', running: undefined as Promise<Look> | undefined });
  const told = useRef(onFound);
  told.current = onFound;

  const lookAt = useCallback(
    (url: string): Promise<Look> => {
      if (latest.current.url === url && latest.current.running) return latest.current.running;
      const ask = async (): Promise<Look> => {
        setLook({ state: 'looking' });
        const { data, error } = await discover({ input: { remoteUrl: url } });
        const answer = data?.connectionDiscover;
        const seen: Look =
          answer?.__typename === 'ConnectionDiscoverPayload'
            ? { state: 'found', found: answer }
            : { state: 'refused', message: answer?.message ?? failureText(error) };
        if (latest.current.url === url) {
          setLook(seen);
          if (seen.state === 'found') told.current(seen.found);
        }
        return seen;
      };
      latest.current = { url, running: undefined };
      latest.current.running = ask();
      return latest.current.running;
    },
    [discover],
  );

  const url = remoteUrl.trim();
  useEffect(() => {
    if (!WORTH_A_LOOK.test(url)) {
      latest.current = { url: '', running: undefined };
      setLook({ state: 'idle' });
      return;
    }
    if (latest.current.url === url) return;
    const pause = setTimeout(() => lookAt(url), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [url, lookAt]);

  const lookNow = () => lookAt(url);
  const lookAgain = () => {
    latest.current = { url: '', running: undefined };
    return lookNow();
  };
  return { look, lookNow, lookAgain };
}
