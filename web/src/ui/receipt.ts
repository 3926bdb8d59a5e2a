// What a revocation ended, as a sentence.
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { clockTime } from './time.ts';

export const Receipt = graphql(`
  fragment Receipt on RevocationReceipt {
    grants
    families
    refreshTokens
    authorizationCodes
    authorizationRequests
    pendingProviderAuthorizations
    openStreams
    effectiveAt
  }
`);

const words = [
  ['grants', 'grant', 'grants'],
  ['families', 'sign-in', 'sign-ins'],
  ['refreshTokens', 'token', 'tokens'],
  ['authorizationCodes', 'unused code', 'unused codes'],
  ['authorizationRequests', 'open request', 'open requests'],
  ['pendingProviderAuthorizations', 'provider sign-in under way', 'provider sign-ins under way'],
  ['openStreams', 'open stream', 'open streams'],
] as const;

export function receiptSentence(masked: FragmentOf<typeof Receipt>): string {
  const receipt = readFragment(Receipt, masked);
  const parts = words.flatMap(([key, one, many]) =>
    receipt[key] > 0 ? [`${receipt[key]} ${receipt[key] === 1 ? one : many}`] : [],
  );
  if (parts.length === 0) return 'Nothing was in use, so nothing had to end.';
  return `${parts.join(', ')} ended, effective at ${clockTime(receipt.effectiveAt)}.`;
}

export function endsNothing(masked: FragmentOf<typeof Receipt>): boolean {
  const receipt = readFragment(Receipt, masked);
  return words.every(([key]) => receipt[key] === 0);
}
