/** People who sign in at a provider: a browser of their own, consent, the way there and back. */
import { v7 as uuidv7 } from 'uuid';
import { readConfig } from '../config.ts';
import { providerRoutes } from '../control/provider/routes.ts';
import { approve } from '../core/authorizations/decide.ts';
import type { ProviderDeps } from '../core/providers/deps.ts';
import { beginSignIn } from '../core/providers/sign-in.ts';
import type { Database } from '../platform/database.ts';
import { browserCookieName } from '../platform/http/cookie.ts';
import type { TestProvider } from './provider.ts';
import {
  ask,
  BROWSER,
  ISSUER,
  makeClient,
  makeConnection,
  makeUser,
  providersOf,
  type SignIn,
  UNLIMITED,
} from './scene.ts';

export type Traveller = SignIn & { user: { id: string; name: string; email: string }; sessionId: string };

/** A person with a connection to what the provider protects, and a client. */
export async function makeTraveller(database: Database, provider: TestProvider): Promise<Traveller> {
  const user = await makeUser(database);
  const connection = await makeConnection(database, { userId: user.id });
  await database.db.connection.update({
    where: { id: connection.id },
    data: { remoteUrl: provider.mcpUrl, authMode: 'oauth_dynamic' },
  });
  return { user, connection, client: await makeClient(database), sessionId: uuidv7() };
}

/** The callback's endpoint over a database, and the ways of a browser to it. */
export async function openTravel(database: Database, over: Partial<ProviderDeps> = {}) {
  const providers = await providersOf(database, over);
  const config = { ...readConfig({}), url: ISSUER };
  let viewer: Traveller | null = null;
  const app = providerRoutes({
    config,
    providers,
    viewerOf: async () =>
      viewer && {
        userId: viewer.user.id,
        sessionId: viewer.sessionId,
        name: viewer.user.name,
        email: viewer.user.email,
        role: 'user',
      },
  });
  const settings = { issuer: ISSUER, codeLifetime: 60, clock: providers.clock, providers, looks: UNLIMITED };

  /** Approves a client's request. @returns the request, and the provider's address that the browser is sent to. */
  const setOut = async (who: Traveller) => {
    const asked = await ask(database, who);
    return { ...asked, to: await approveAgain(who, asked.handle) };
  };
  const approveAgain = async (who: Traveller, handle: string): Promise<string> => {
    const browser = { binding: BROWSER, sessionId: who.sessionId };
    const decided = await approve(database, handle, { userId: who.user.id, browser }, {}, settings);
    if (!decided.ok) throw new Error(JSON.stringify(decided.reason));
    return decided.value.redirectTo;
  };
  /** From the connection's page, with no client waiting. */
  const setOutAlone = async ({ user, sessionId, connection }: Traveller): Promise<string> => {
    const begun = await beginSignIn(providers, { userId: user.id, sessionId, browser: null }, connection.id);
    if (!begun.ok) throw new Error(JSON.stringify(begun.reason));
    return begun.value.redirectTo;
  };
  /** At the provider. @returns the address that it sends the browser back to. */
  const visit = async (to: string): Promise<string> => {
    const response = await fetch(to, { redirect: 'manual' });
    return response.headers.get('location') ?? '';
  };
  /** Back at our callback, as this person in this browser. */
  const comeBack = async (who: Traveller | null, back: string, headers: Record<string, string> = {}) => {
    viewer = who;
    const url = new URL(back);
    const cookie = `${browserCookieName(ISSUER)}=${BROWSER}`;
    return app.request(url.pathname + url.search, { headers: { cookie, ...headers } });
  };
  /** All of it. @returns the client's code, or null where none came. */
  const signInThere = async (who: Traveller) => {
    const { to, verifier, handle } = await setOut(who);
    const answer = await comeBack(who, await visit(to));
    const location = answer.headers.get('location') ?? '';
    return { answer, location, handle, verifier, code: URL.canParse(location) ? codeOf(location) : null };
  };
  return { providers, app, setOut, approveAgain, setOutAlone, visit, comeBack, signInThere };
}

export type Travel = Awaited<ReturnType<typeof openTravel>>;

export const codeOf = (location: string): string | null => new URL(location).searchParams.get('code');

/** The live sign-in of a person at a connection's provider. */
export const liveGrantOf = ({ db }: Database, { user, connection }: Traveller) =>
  db.providerGrant.findFirst({
    where: { revokedAt: null, instance: { userId: user.id, connectionId: connection.id } },
    include: { instance: true, providerClient: true },
  });
