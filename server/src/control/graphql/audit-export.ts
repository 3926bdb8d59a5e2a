/** The record as a file, CSV or a JSON object a line, read and sent a piece at a time however long it is. */
import type { AuditEvent, AuditOutcome } from '@grantway/prisma/client';
import { describe, tellable } from '../../core/audit/describe.ts';
import { matchingEvents } from '../../core/audit/filter.ts';
import { visibleTo } from '../../core/connections/manageable.ts';
import { badInput, type Context, forbiddenKey, viewerIn } from './context.ts';
import { csvLine } from './csv.ts';
import { eventFilter, eventReader } from './event-reader.ts';
import { encodeGlobalId } from './global-id.ts';
import { readInstant } from './instant.ts';

const PIECE = 500;
const COLUMNS = [
  'time',
  'kind',
  'outcome',
  'summary',
  'actor',
  'client',
  'connection',
  'grant',
  'detail',
  'id',
] as const;

type Line = Record<(typeof COLUMNS)[number], string>;
type Named = ReadonlyMap<string, string>;

/**
 * Answers an export: the same events, for the same readers and by the same filter, as `Viewer.auditEvents`, newest first. An API key needs
 * `audit:read`. A session, key or membership that ends on the way ends the file. @throws UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT
 */
export async function exportEvents(context: Context, query: URLSearchParams): Promise<Response> {
  const viewer = viewerIn(context);
  if (viewer.apiKey && !viewer.apiKey.scopes.includes('audit:read')) throw forbiddenKey('audit:read');
  const format = query.get('format') ?? 'csv';
  if (format !== 'csv' && format !== 'ndjson') throw badInput('The format is csv or ndjson.');
  const owner = { organizationId: query.get('organizationId') };
  const filter = eventFilter(readFilter(query));
  let where = matchingEvents(await eventReader(context, { owner }), filter);
  const write = format === 'csv' ? (line: Line) => csvLine(COLUMNS.map((column) => line[column])) : writeJson;

  const encoder = new TextEncoder();
  let last: AuditEvent | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (format === 'csv') controller.enqueue(encoder.encode(csvLine([...COLUMNS])));
    },
    // Asked for when the piece before is on its way: the file is never in memory.
    pull: async (controller) => {
      if (last) {
        // Whoever reads slowly reads as what they are by now, not as what they were.
        const now = await context.viewerNow();
        if (!now) throw new Error('the session ended during an export');
        where = matchingEvents(await eventReader({ ...context, viewer: now }, { owner }), filter);
      }
      const events = await context.database.db.auditEvent.findMany({
        where: { AND: [where, ...(last ? [after(last)] : [])] },
        orderBy: [{ occurredAt: 'desc' }, { id: 'desc' }],
        take: PIECE,
      });
      last = events.at(-1);
      if (events.length > 0) controller.enqueue(encoder.encode((await toLines(context, events)).map(write).join('')));
      if (events.length < PIECE) controller.close();
    },
  });
  return new Response(stream, {
    headers: {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      'content-disposition': `attachment; filename="grantway-audit.${format}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}

const after = ({ occurredAt, id }: AuditEvent) => ({
  OR: [{ occurredAt: { lt: occurredAt } }, { occurredAt, id: { lt: id } }],
});

function readFilter(query: URLSearchParams) {
  const outcome = query.get('outcome')?.toLowerCase();
  if (outcome && !['success', 'denied', 'failure'].includes(outcome)) throw badInput('There is no such outcome.');
  const instant = (name: string): Date | null => {
    const text = query.get(name);
    if (!text) return null;
    const at = readInstant(text);
    if (!at) throw badInput(`${name} is not an instant in ISO 8601 with a time zone.`);
    return at;
  };
  return {
    grantId: query.get('grantId'),
    connectionId: query.get('connectionId'),
    clientId: query.get('clientId'),
    kinds: query.get('kinds')?.split(','),
    outcome: (outcome as AuditOutcome | undefined) ?? null,
    since: instant('since'),
    until: instant('until'),
  };
}

/** Names are looked up a piece at a time; a connection that the reader may not see has none. */
async function toLines(context: Context, events: readonly AuditEvent[]): Promise<Line[]> {
  const { db } = context.database;
  const ids = (of: (event: AuditEvent) => string | null) => ({
    in: [...new Set(events.map(of).filter((id) => id !== null))],
  });
  const named = (rows: { id: string; name: string | null }[]): Named =>
    new Map(rows.map(({ id, name }) => [id, name ?? '']));
  const select = { id: true, name: true } as const;
  const people = named(await db.user.findMany({ where: { id: ids((event) => event.actorUserId) }, select }));
  const clients = named(await db.oAuthClient.findMany({ where: { id: ids((event) => event.oauthClientId) }, select }));
  const seen = { AND: [{ id: ids((event) => event.connectionId) }, visibleTo(viewerIn(context))] };
  const connections = named(await db.connection.findMany({ where: seen, select }));
  const nameIn = (names: Named, id: string | null): string => (id === null ? '' : (names.get(id) ?? ''));
  return events.map((event) => ({
    time: event.occurredAt.toISOString(),
    kind: event.kind,
    outcome: event.outcome,
    summary: describe(event.kind, event.detail),
    actor: nameIn(people, event.actorUserId),
    client: nameIn(clients, event.oauthClientId),
    connection: nameIn(connections, event.connectionId),
    grant: event.grantId === null ? '' : encodeGlobalId('Grant', event.grantId),
    detail: JSON.stringify(tellable(event.kind, event.detail)),
    id: encodeGlobalId('AuditEvent', event.id),
  }));
}

const writeJson = ({ detail, ...line }: Line): string =>
  `${JSON.stringify({ ...line, detail: JSON.parse(detail) as unknown })}\n`;
