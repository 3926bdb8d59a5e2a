/** The settings of a connection that both making and changing one may name. */
import type { builder } from './builder.ts';
import { HeaderInput, SharingMode } from './mcp-connection.ts';

type Builder = PothosSchemaTypes.InputFieldBuilder<typeof builder.$inferSchemaTypes, 'InputObject'>;

/** What every connection has beside its name, its address and its way to sign in. */
export const settingFields = (t: Builder) => ({
  sharingMode: t.field({
    type: SharingMode,
    description: 'How many may use it, in an organization; a personal one is for its owner.',
  }),
  pathPassthrough: t.boolean({
    description: 'Whether what a client adds to the connect URL is added to the remote one; at first it is not.',
  }),
  staticHeaders: t.field({
    type: [HeaderInput],
    description: 'For STATIC_HEADERS, all of them. Sealed, and never shown again.',
  }),
  auxiliaryHeaders: t.field({
    type: [HeaderInput],
    description: 'Headers that are no secrets, all of them; kept in plain sight.',
  }),
});
