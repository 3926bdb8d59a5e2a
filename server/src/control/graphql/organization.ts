/** An organization. */
import { builder } from './builder.ts';
import { anyKey } from './needs.ts';

export const Organization = builder.prismaNode('Organization', {
  description: 'People who share connections.',
  ...anyKey,
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});
