/** The mail that tells a person that a client was authorized for the first time (field note 1.20): if it was not them, they read it. */
import { findRequest } from '../../core/authorizations/request.ts';
import { browserOf } from './authorization-request.ts';
import { type Context, viewerIn } from './context.ts';

/**
 * Sends it where `requestId`, approved since `since`, was the first approval of its client by the viewer. Called after the commit and not
 * waited for: an approval never fails, or takes longer, because of a mail.
 */
export async function mailNewClient(context: Context, requestId: string, since: Date): Promise<void> {
  const { mailer, mailNewClients, database, base } = context;
  const viewer = viewerIn(context);
  if (!mailer || !mailNewClients) return;
  const request = await findRequest(database, requestId, browserOf(context));
  if (!request) return;
  const { oauthClientId } = request;
  const approvals = await database.db.auditEvent.findMany({
    where: { kind: 'authorization.approved', actorUserId: viewer.userId, oauthClientId },
    orderBy: { occurredAt: 'desc' },
    take: 2,
    select: { occurredAt: true, connectionId: true },
  });
  const [approval, earlier] = approvals;
  if (!approval || earlier || approval.occurredAt < since) return;
  const connection =
    approval.connectionId === null
      ? null
      : await database.db.connection.findUnique({ where: { id: approval.connectionId }, select: { name: true } });
  const name = inert(request.client.name, 'A client without a name');
  mailer.post({
    to: viewer.email,
    subject: `${name} may act for you through Grantway`,
    text: [
      `${name} was authorized with your account to use ${inert(connection?.name, 'a connection')}.`,
      `If that was you, there is nothing to do. If not, take it back, which works at once: ${base}/clients`,
      '',
    ].join('\n\n'),
  });
}

/** Anybody names a client: the name is one short line in quotes, and nothing in it becomes a link in somebody's mail program. */
export function inert(name: string | null | undefined, otherwise: string): string {
  const flat = (name ?? '')
    .replace(/[\s\p{Cc}\p{Cf}“”./:@\\]+/gu, ' ')
    .trim()
    .slice(0, 60);
  return flat === '' ? otherwise : `“${flat}”`;
}
