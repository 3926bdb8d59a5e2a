/** Where providers send people back to: an address of its own for every provider where that can be, so that no provider's answer is taken for another's. */
import { createHash } from 'node:crypto';

export const CALLBACK_PATH = '/oauth/provider/callback';

/**
 * What names a provider in our own addresses. By its issuer rather than by the registration: a person who registers us by hand has to
 * know the address before there is a registration, and of two registrations at one provider neither can harm the other.
 */
export const issuerKey = (issuer: string): string =>
  createHash('sha256').update(issuer).digest('base64url').slice(0, 22);

/**
 * The callback for sign-ins at this provider. RFC 9700 §4.4.2.2: one per issuer, because not every provider says in its answer who it is
 * (RFC 9207), and a code that a dishonest one had an honest one send here must not be handed to the dishonest one (SECURITY #216).
 */
export const callbackUrl = (base: string, issuer: string): string => `${base}${CALLBACK_PATH}/${issuerKey(issuer)}`;

/** The one callback that providers share: those that read our document, which names no other, and those where people registered us with it by hand earlier. */
export const sharedCallbackUrl = (base: string): string => `${base}${CALLBACK_PATH}`;
