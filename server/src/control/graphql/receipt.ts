/** What a revocation ended. */
import type { RevocationReceipt } from '../../core/grants/grant.ts';
import type { Revocation } from '../../core/grants/revoke.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

export type Receipt = RevocationReceipt & { openStreams: number; effectiveAt: Date };

/** Ends the streams of what was revoked, now that it is committed, and adds them to the receipt. */
export function settle(
  { endStreams, clock }: Context,
  { grantIds, familyIds = [], receipt }: Revocation & { familyIds?: string[] },
): Receipt {
  const openStreams = grantIds.length + familyIds.length > 0 ? endStreams({ grantIds, familyIds }) : 0;
  return { ...receipt, openStreams, effectiveAt: clock() };
}

export const ReceiptType = builder.objectRef<Receipt>('RevocationReceipt').implement({
  description: 'How many of each thing a revocation ended.',
  fields: (t) => ({
    grants: t.exposeInt('grants'),
    families: t.exposeInt('families'),
    refreshTokens: t.exposeInt('refreshTokens'),
    authorizationCodes: t.exposeInt('authorizationCodes'),
    authorizationRequests: t.exposeInt('authorizationRequests'),
    pendingProviderAuthorizations: t.exposeInt('pendingProviderAuthorizations'),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when on no request passes any more.' }),
    openStreams: t.exposeInt('openStreams', { description: 'Of this process; others end theirs within a second.' }),
  }),
});
