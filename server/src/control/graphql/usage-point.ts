/** What a grant was used for in one hour. */
import { builder } from './builder.ts';

export const UsagePoint = builder
  .objectRef<{ hour: Date; requests: number; errors: number; denials: number }>('UsagePoint')
  .implement({
    description: 'What a grant was used for in one hour.',
    fields: (t) => ({
      hour: t.expose('hour', { type: 'DateTime', description: 'When the hour began.' }),
      requests: t.exposeInt('requests'),
      errors: t.exposeInt('errors', { description: 'Of the requests, those that the upstream failed.' }),
      denials: t.exposeInt('denials', { description: 'Requests that the gateway turned away.' }),
    }),
  });
