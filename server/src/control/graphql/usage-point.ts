/** What a grant was used for in one hour. */
import type { Database } from '../../platform/database.ts';
import { builder } from './builder.ts';

export const UsagePoint = builder
  .objectRef<{ hour: Date; requests: number; errors: number; denials: number }>('UsagePoint')
  .implement({
    description: 'What a grant was used for in one hour.',
    fields: (t) => ({
      hour: t.expose('hour', { type: 'DateTime', description: 'When the hour began.' }),
      requests: t.exposeInt('requests', { description: 'Those that the gateway let through.' }),
      errors: t.exposeInt('errors', { description: 'Of the requests, those that the upstream failed.' }),
      denials: t.exposeInt('denials', { description: 'Requests that the gateway turned away.' }),
    }),
  });

type Denied = { count: number; lastHour: Date };

export const DeniedAttempts = builder.objectRef<Denied>('DeniedAttempts').implement({
  description: 'Requests and refreshes that were turned away after a grant had ended.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many there were.' }),
    lastHour: t.expose('lastHour', { type: 'DateTime', description: 'When the hour of the last one began.' }),
  }),
});

/** What a revoked grant was still asked for. The hour of the revocation counts: hardly anything is denied before it. */
export async function deniedSince(database: Database, grantId: string, revokedAt: Date): Promise<Denied | null> {
  const { _sum, _max } = await database.db.grantUsage.aggregate({
    where: { grantId, denials: { gt: 0 }, hour: { gt: new Date(revokedAt.getTime() - 3_600_000) } },
    _sum: { denials: true },
    _max: { hour: true },
  });
  return _sum.denials === null || _max.hour === null ? null : { count: _sum.denials, lastHour: _max.hour };
}
