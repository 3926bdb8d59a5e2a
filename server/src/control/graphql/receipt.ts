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
    grants: t.exposeInt('grants', { description: 'Permissions that were in force or about to be.' }),
    families: t.exposeInt('families', { description: 'Sign-ins of clients.' }),
    refreshTokens: t.exposeInt('refreshTokens', { description: 'Those that could still have been used.' }),
    authorizationCodes: t.exposeInt('authorizationCodes', { description: 'Those that no client had exchanged.' }),
    authorizationRequests: t.exposeInt('authorizationRequests', { description: 'Those that waited for a decision.' }),
    pendingProviderAuthorizations: t.exposeInt('pendingProviderAuthorizations', {
      description: 'Sign-ins at providers that were under way.',
    }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when on no request passes any more.' }),
    openStreams: t.exposeInt('openStreams', { description: 'Of this process; others end theirs within a second.' }),
  }),
});

/** For the field of a payload that says what ended with the deed. */
export const RECEIPT = { type: ReceiptType, description: 'What ended with it, counted.' } as const;
