// What a revocation ended, as a sentence.
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { receipt as texts } from './texts.ts';
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

export function receiptSentence(masked: FragmentOf<typeof Receipt>): string {
  const receipt = readFragment(Receipt, masked);
  const parts = texts.words.flatMap(([key, one, many]) =>
    receipt[key] > 0 ? [`${receipt[key]} ${receipt[key] === 1 ? one : many}`] : [],
  );
  if (parts.length === 0) return texts.nothing;
  return texts.ended(parts.join(', '), clockTime(receipt.effectiveAt));
}

export function endsNothing(masked: FragmentOf<typeof Receipt>): boolean {
  const receipt = readFragment(Receipt, masked);
  return texts.words.every(([key]) => receipt[key] === 0);
}
