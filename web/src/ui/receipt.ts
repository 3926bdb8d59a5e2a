// What a revocation ended, as a sentence.
import type { CombinedError } from '@urql/core';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused } from '../graphql/outcome.ts';
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

interface Ended {
  data?: { outcome: { receipt: FragmentOf<typeof Receipt> } | { message: string } } | undefined;
  error?: CombinedError | undefined;
}

/** What a mutation that ends something came to; its field is called `outcome` in the document. */
export function endedBy({ data, error }: Ended): Outcome<string> {
  if (!data || error) return failed(error);
  const { outcome } = data;
  return 'receipt' in outcome ? done(receiptSentence(outcome.receipt)) : refused(outcome.message);
}

export function endsNothing(masked: FragmentOf<typeof Receipt>): boolean {
  const receipt = readFragment(Receipt, masked);
  return texts.words.every(([key]) => receipt[key] === 0);
}
