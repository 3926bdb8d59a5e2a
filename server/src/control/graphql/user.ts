/** A person. */
import { builder } from './builder.ts';
import { anyKey } from './needs.ts';

export const UserRole = builder.enumType('UserRole', {
  description: 'What a person may do in this gateway as a whole.',
  values: { USER: { value: 'user' }, ADMIN: { value: 'admin' } } as const,
});

export const User = builder.prismaNode('User', {
  description: 'A person with an account.',
  ...anyKey,
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email'),
    role: t.expose('role', { type: UserRole }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});
