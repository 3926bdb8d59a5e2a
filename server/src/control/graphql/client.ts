/** A client: the AI application, as far as it is known. */
import { builder } from './builder.ts';
import { needs } from './needs.ts';

const ClientKind = builder.enumType('ClientKind', {
  description: 'How a client became known.',
  values: {
    DYNAMIC: { value: 'dynamic', description: 'It registered itself.' },
    METADATA_DOCUMENT: { value: 'metadata_document', description: 'It is described by a document at its own address.' },
    MANUAL: { value: 'manual', description: 'A person registered it.' },
  } as const,
});

/** The host of its metadata document, which fetching it has proved. Null for every other client, whatever it says of itself. */
export const verifiedHostOf = ({ kind, clientId }: { kind: string; clientId: string }): string | null =>
  kind === 'metadata_document' && URL.canParse(clientId) ? new URL(clientId).host : null;

export const Client = builder.prismaNode('OAuthClient', {
  name: 'Client',
  description: 'An application that asks for access.',
  ...needs('grants:read', 'audit:read'),
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    clientId: t.exposeString('clientId', {
      description: 'As OAuth knows it: the address of its metadata document, or an id that it was given.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'Self-reported. Null when the client gave none.' }),
    verifiedHost: t.string({
      nullable: true,
      description: 'Null unless the client is known by a metadata document, whose host was verified.',
      select: { kind: true, clientId: true },
      resolve: verifiedHostOf,
    }),
    kind: t.expose('kind', { type: ClientKind, description: 'Where its description comes from.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first seen or registered.' }),
    blockedAt: t.expose('blockedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null unless an administrator has blocked it for everyone.',
    }),
  }),
});
