/** A person. */
import { builder } from './builder.ts';
import { anyKey } from './needs.ts';

export const UserRole = builder.enumType('UserRole', {
  description: 'What a person may do in this gateway as a whole.',
  values: {
    USER: { value: 'user', description: 'What is theirs, and what they are assigned.' },
    ADMIN: { value: 'admin', description: 'Also accounts, clients and hosts of everyone.' },
  } as const,
});

export const User = builder.prismaNode('User', {
  description: 'A person with an account.',
  ...anyKey,
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What they call themselves.' }),
    email: t.exposeString('email', { description: 'What they sign in with.' }),
    role: t.expose('role', { type: UserRole, description: 'Whether they administer this gateway.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
  }),
});
