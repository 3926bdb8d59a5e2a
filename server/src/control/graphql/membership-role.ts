/** What a person may do in an organization, as an enum. */
import { builder } from './builder.ts';

export const MembershipRole = builder.enumType('MembershipRole', {
  description:
    'What a person may do in an organization. To use a connection, one is assigned to it, whatever one’s role.',
  values: {
    OWNER: { value: 'owner', description: 'Everything: owners make owners, and delete the organization.' },
    ADMIN: { value: 'admin', description: 'Runs it: connections, assignments, members other than owners.' },
    MEMBER: { value: 'member', description: 'Uses what is assigned to them.' },
  } as const,
});
