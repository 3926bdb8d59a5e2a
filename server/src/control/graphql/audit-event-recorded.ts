/** What happens, as it happens. */
import { builder } from './builder.ts';
import { follow } from './follow.ts';
import { needs } from './needs.ts';
import { OWNER } from './owner.ts';

builder.subscriptionField('auditEventRecorded', (t) =>
  t.prismaField({
    type: 'AuditEvent',
    ...needs('audit:read'),
    description:
      'Each event of the owner when it is recorded, by whichever process. Events of before are not repeated.',
    args: { owner: t.arg(OWNER) },
    subscribe: (_root, args, context) => follow(context, args, () => true),
    resolve: (query, { id }, _args, { database }) =>
      database.db.auditEvent.findUniqueOrThrow({ ...query, where: { id } }),
  }),
);
