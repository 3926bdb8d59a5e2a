/** Who is behind a request: a signed-in person in a browser, or an API key that acts for one. */
import type { ApiKeyScope } from './api-key-scope.ts';

type Person = { userId: string; name: string; email: string; role: 'user' | 'admin' };

/** A person in a browser. */
export type Viewer = Person & { sessionId: string; apiKey?: undefined; onlyIn?: undefined };

/** An API key: its maker, as far as its scopes and its organization let it. An organization's key has no part in the gateway's administration. */
export type KeyHolder = Person & {
  sessionId: null;
  apiKey: { id: string; scopes: readonly ApiKeyScope[] };
  /** The one organization that it sees; null for a person's key. */
  onlyIn: string | null;
};

/** Reads the session cookie. Null when there is none that is live, or its user is blocked or erased. @throws when the database is away. */
export type ViewerOf = (headers: Headers) => Promise<Viewer | null>;
