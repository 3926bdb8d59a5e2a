/** Clients that are known by a document at their own address (OAuth Client ID Metadata Document; MCP 2026-07-28 prefers them). */
import { createHash } from 'node:crypto';
import { Prisma } from '@grantway/prisma/client';
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { GuardedFetch } from '../../platform/http/guarded-fetch.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { isUniqueViolation } from '../../platform/transient.ts';
import { record } from '../audit/record.ts';
import { applyMetadata } from './change.ts';
import { type DocumentTrust, judgeHost } from './client-host.ts';
import { isAcceptableDocumentUrl, verifiedHost } from './document-url.ts';
import { type Client, findClient } from './find.ts';
import { freshnessOf, type ReadDocument, readDocument } from './read-document.ts';

export type DocumentRefusal =
  | { kind: 'not_a_document_url' }
  | { kind: 'host_denied'; host: string }
  | { kind: 'host_waiting'; host: string }
  | { kind: 'unreachable'; host: string }
  | { kind: 'invalid'; host: string; because: string };

export type DocumentClients = {
  /** The client of a document's address, fetched anew when the stored one is no longer fresh. Coalesced per address. */
  resolve: (clientId: string) => Promise<Result<{ client: Client; revoked: string[] }, DocumentRefusal>>;
};

type Deps = { database: Database; fetch: GuardedFetch; own: string; trust: DocumentTrust; clock: () => Date };

/** A fetch that fails leaves the last good document in force for so long: an outage of theirs is not an unknown client (field note D36). */
const GRACE_SECONDS = 86_400;

/** Opens the look-up. `fetch` is the guarded one, with its limits on size and time; redirects come back as they are and are refused here. */
export function openDocumentClients(deps: Deps): DocumentClients {
  const running = new Map<string, ReturnType<DocumentClients['resolve']>>();
  return {
    resolve: (clientId) => {
      const under = running.get(clientId);
      if (under) return under;
      const run = resolve(deps, clientId).finally(() => running.delete(clientId));
      running.set(clientId, run);
      return run;
    },
  };
}

async function resolve(deps: Deps, clientId: string): ReturnType<DocumentClients['resolve']> {
  if (!isAcceptableDocumentUrl(clientId)) return refused({ kind: 'not_a_document_url' });
  const host = verifiedHost(clientId);
  const now = deps.clock();
  // Before anything is fetched from there.
  const trusted = await judgeHost(deps.database, clientId, deps.trust, now);
  if (trusted !== 'allowed') return refused({ kind: `host_${trusted}`, host });
  const stored = await findClient(deps.database, clientId);
  // A registration of the operator's own under this id stays what it is (#38).
  if (stored && stored.kind !== 'metadata_document') return ok({ client: stored, revoked: [] });
  if (stored?.documentExpiresAt && stored.documentExpiresAt > now) return ok({ client: stored, revoked: [] });

  const fetched = await fetchDocument(deps, clientId, host);
  if (!fetched.ok) {
    const inGrace = stored?.documentExpiresAt && after(stored.documentExpiresAt, GRACE_SECONDS) > now;
    return inGrace && fetched.reason.kind === 'unreachable' ? ok({ client: stored, revoked: [] }) : fetched;
  }
  return ok(await store(deps, clientId, fetched.value, now));
}

type Fetched = { document: ReadDocument; digest: string; freshSeconds: number };

async function fetchDocument(
  { fetch, own }: Deps,
  clientId: string,
  host: string,
): Promise<Result<Fetched, DocumentRefusal>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(clientId, { headers: new Headers({ accept: 'application/json' }) });
    text = await response.text();
  } catch {
    return refused({ kind: 'unreachable', host });
  }
  if (response.status >= 500 || response.status === 429) return refused({ kind: 'unreachable', host });
  // Draft §4: exactly 200. A redirect would let one host speak for another.
  if (response.status !== 200) return refused({ kind: 'invalid', host, because: `it answered ${response.status}` });
  if (!/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(response.headers.get('content-type') ?? '')) {
    return refused({ kind: 'invalid', host, because: 'it is not JSON' });
  }
  const document = readDocument(text, clientId, own);
  if (!document.ok) return refused({ kind: 'invalid', host, because: document.reason });
  const digest = createHash('sha256').update(text).digest('base64url');
  return ok({ document: document.value, digest, freshSeconds: freshnessOf(response.headers.get('cache-control')) });
}

/** Keeps what was fetched. What the document no longer says ends the grants that hung on it, as for any client. */
async function store(
  { database }: Deps,
  clientId: string,
  fetched: Fetched,
  now: Date,
): Promise<{ client: Client; revoked: string[] }> {
  const { document, digest, freshSeconds } = fetched;
  const face = {
    tokenEndpointAuthMethod: document.authMethod,
    // DbNull, not undefined: keys that the document no longer has are no longer the client's.
    jwks: document.jwks === null ? Prisma.DbNull : (document.jwks as Prisma.InputJsonValue),
    jwksUri: document.jwksUri,
    documentDigest: digest,
    documentExpiresAt: after(now, freshSeconds),
  };
  const { tokenEndpointAuthMethod: _said, ...metadata } = document.metadata;
  try {
    return await transact(database, async (tx) => {
      await tx.$queryRaw`SELECT id FROM oauth_client WHERE client_id = ${clientId} FOR UPDATE`;
      const before = await tx.oAuthClient.findUnique({ where: { clientId } });
      if (before) {
        const client = await tx.oAuthClient.update({
          where: { id: before.id },
          data: { ...face, updatedAt: now, deletedAt: null },
        });
        if (before.documentDigest === digest && before.deletedAt === null) return { client, revoked: [] };
        const applied = await applyMetadata(tx, before, metadata, now);
        return { client: applied.client, revoked: applied.grantIds };
      }
      const client = await tx.oAuthClient.create({
        data: { ...metadata, ...face, clientId, kind: 'metadata_document', createdAt: now },
      });
      await record(tx, now, {
        kind: 'client.registered',
        oauthClientId: client.id,
        detail: { name: client.name, host: verifiedHost(clientId) },
      });
      return { client, revoked: [] };
    });
  } catch (error) {
    // Another process stored it a moment before.
    const client = isUniqueViolation(error) ? await findClient(database, clientId) : null;
    if (!client) throw error;
    return { client, revoked: [] };
  }
}
