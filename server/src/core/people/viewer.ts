/** The signed-in person behind a request of a browser. */

export type Viewer = { userId: string; sessionId: string; name: string; email: string; role: 'user' | 'admin' };

/** Reads the session cookie. Null when there is none that is live, or its user is blocked or erased. @throws when the database is away. */
export type ViewerOf = (headers: Headers) => Promise<Viewer | null>;
