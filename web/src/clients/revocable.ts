// What a person can take back on the clients page, with the words that name it.

export interface RevocableGrant {
  id: string;
  client: string;
  connection: string;
  clientId: string;
  redirectUri: string;
  signIns: number;
}

export type Revocable =
  | ({ kind: 'grant' } & RevocableGrant)
  /** Everything that a client may do for the viewer. */
  | { kind: 'client'; id: string; client: string }
  | { kind: 'sign-in'; id: string; label: string; createdAt: string; client: string; connection: string }
  | { kind: 'selection'; grants: readonly RevocableGrant[] };
