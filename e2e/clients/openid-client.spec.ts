/** `openid-client`, the certified OAuth client: strict about every answer, and asked here for everything that we offer. */
import * as openid from 'openid-client';
import { openCallbackServer } from '../actors/callback-server.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import { expect, test } from '../fixtures/test.ts';

const INSECURE: openid.DiscoveryRequestOptions = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' };

/** Registers a client of its own at the gateway and takes it through the browser. */
async function signIn(
  gatewayUrl: string,
  resource: string,
  openBrowser: (url: URL) => Promise<void>,
  method: 'none' | 'client_secret_basic' | 'client_secret_post' = 'none',
) {
  const callback = await openCallbackServer();
  const authentication = {
    none: openid.None,
    client_secret_basic: openid.ClientSecretBasic,
    client_secret_post: openid.ClientSecretPost,
  };
  const registered = await openid.dynamicClientRegistration(
    new URL(gatewayUrl),
    {
      client_name: 'openid-client',
      redirect_uris: [callback.redirectUri],
      token_endpoint_auth_method: method,
      scope: 'mcp:access profile',
    },
    openid.None(),
    INSECURE,
  );
  const metadata = registered.clientMetadata();
  const config = await openid.discovery(
    new URL(gatewayUrl),
    metadata.client_id,
    metadata,
    authentication[method](metadata.client_secret as string),
    INSECURE,
  );
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const parameters = {
    redirect_uri: callback.redirectUri,
    scope: 'mcp:access profile',
    resource,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  const arrival = callback.answer();
  await openBrowser(openid.buildAuthorizationUrl(config, parameters));
  const answer = await arrival;
  await callback.stop();
  const redeem = () =>
    openid.authorizationCodeGrant(config, answer, { pkceCodeVerifier: verifier, expectedState: state }, { resource });
  return { config, redeem };
}

const calls = async (url: string, accessToken: string): Promise<number> =>
  (await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` }, body: '{}' })).status;

test.describe('openid-client', () => {
  for (const method of ['none', 'client_secret_basic', 'client_secret_post'] as const) {
    test(`registers itself as ${method}, signs in, is told who by userinfo`, async ({
      context,
      person,
      gateway,
      everything,
    }) => {
      const connection = await person.createConnection({ name: 'Strict', remoteUrl: everything.url });
      const { redeem, config } = await signIn(
        gateway.url,
        connection.url,
        allowUnseen(context.request, person),
        method,
      );
      const tokens = await redeem();
      expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'mcp:access profile' });
      expect(await calls(connection.url, tokens.access_token)).not.toBe(401);
      const told = await openid.fetchUserInfo(config, tokens.access_token, openid.skipSubjectCheck);
      expect(told).toMatchObject({ name: person.name, email: person.email });
    });
  }

  test('#83, #107 rotates its refresh token, and the new one works', async ({
    context,
    person,
    gateway,
    everything,
  }) => {
    const connection = await person.createConnection({ name: 'Rotating', remoteUrl: everything.url });
    const { config, redeem } = await signIn(gateway.url, connection.url, allowUnseen(context.request, person));
    let { refresh_token: token = '' } = await redeem();
    for (let round = 0; round < 3; round += 1) {
      const next = await openid.refreshTokenGrant(config, token, { resource: connection.url });
      expect(next.refresh_token).not.toBe(token);
      expect(await calls(connection.url, next.access_token)).not.toBe(401);
      token = next.refresh_token ?? '';
    }
  });

  test('#118, field note A1 refreshes twenty times at once: all get the one successor', async ({
    context,
    person,
    gateway,
    everything,
  }) => {
    const connection = await person.createConnection({ name: 'At once', remoteUrl: everything.url });
    const { config, redeem } = await signIn(gateway.url, connection.url, allowUnseen(context.request, person));
    const { refresh_token: token = '' } = await redeem();
    const all = await Promise.all(Array.from({ length: 20 }, () => openid.refreshTokenGrant(config, token)));
    expect(new Set(all.map((tokens) => tokens.refresh_token)).size).toBe(1);
    await openid.refreshTokenGrant(config, all[0]?.refresh_token ?? '');
  });

  test('#96 redeems a code again: refused, and what it gave dies', async ({ context, person, gateway, everything }) => {
    const connection = await person.createConnection({ name: 'Replayed', remoteUrl: everything.url });
    const { config, redeem } = await signIn(gateway.url, connection.url, allowUnseen(context.request, person));
    const { refresh_token: token = '', access_token: accessToken } = await redeem();
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // within a second it is a race, and revokes nothing
    await expect(redeem()).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await expect(openid.refreshTokenGrant(config, token)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await calls(connection.url, accessToken)).toBe(401);
  });

  test('#99 redeems a code twenty times at once: one sign-in, and it lives', async ({
    context,
    person,
    gateway,
    everything,
  }) => {
    const connection = await person.createConnection({ name: 'Raced', remoteUrl: everything.url });
    // What comes more than a second after the first is no race but a replay: a machine that is busy with other things gets another go.
    for (let took = Number.POSITIVE_INFINITY; took > 1_000; ) {
      const { config, redeem } = await signIn(gateway.url, connection.url, allowUnseen(context.request, person));
      const began = performance.now();
      const all = await Promise.allSettled(Array.from({ length: 20 }, redeem));
      took = performance.now() - began;
      const won = all.filter((one) => one.status === 'fulfilled');
      const lost = all.filter((one) => one.status === 'rejected');
      expect(won).toHaveLength(1);
      for (const { reason } of lost) expect(reason).toMatchObject({ error: 'invalid_grant', status: 400 });
      if (took <= 1_000) await openid.refreshTokenGrant(config, won[0]?.value.refresh_token ?? '');
    }
  });

  test('#127 revokes its refresh token: the access token is dead too', async ({
    context,
    person,
    gateway,
    everything,
  }) => {
    const connection = await person.createConnection({ name: 'Signed out', remoteUrl: everything.url });
    const { config, redeem } = await signIn(gateway.url, connection.url, allowUnseen(context.request, person));
    const { refresh_token: token = '', access_token: accessToken } = await redeem();
    await openid.tokenRevocation(config, token);
    expect(await calls(connection.url, accessToken)).toBe(401);
    await expect(openid.refreshTokenGrant(config, token)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await person.grants()).toEqual([]);
    await openid.tokenRevocation(config, token); // and again: 200
  });

  test('#137, #138 introspects its own tokens, where it is confidential', async ({
    context,
    person,
    gateway,
    everything,
  }) => {
    const connection = await person.createConnection({ name: 'Asked about', remoteUrl: everything.url });
    const { config, redeem } = await signIn(
      gateway.url,
      connection.url,
      allowUnseen(context.request, person),
      'client_secret_basic',
    );
    const { refresh_token: token = '', access_token: accessToken } = await redeem();
    expect(await openid.tokenIntrospection(config, accessToken)).toMatchObject({
      active: true,
      aud: connection.url,
      iss: gateway.url,
      client_id: config.clientMetadata().client_id,
    });
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, accessToken)).toEqual({ active: false });
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
  });
});
