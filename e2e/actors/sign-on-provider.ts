/** A real OpenID Connect provider (oidc-provider) with its own sign-in page: who signs in there is whom the test made. */
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { freePort } from '../fixtures/port.ts';

/** What the provider says of a person; `sub` is what they type in at its sign-in page. */
export type Identity = { sub: string; name?: string; email: string; email_verified: boolean };

export type SignOnProvider = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  add: (identity: Identity) => void;
  stop: () => Promise<void>;
};

export async function openSignOnProvider(gatewayUrl: string): Promise<SignOnProvider> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const people = new Map<string, Identity>();
  const [clientId, clientSecret] = ['grantway', 'a secret of the gateway at its provider'];
  const provider = new Provider(issuer, {
    clients: [
      { client_id: clientId, client_secret: clientSecret, redirect_uris: [`${gatewayUrl}/api/auth/callback/oidc`] },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context: unknown, id: string) => {
      const person = people.get(id);
      return person && { accountId: id, claims: async () => person };
    },
    cookies: { keys: ['only for these tests'] },
  });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    clientId,
    clientSecret,
    add: (identity) => people.set(identity.sub, identity),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
