// What the pages about organizations and their members say.
export const roles = { OWNER: 'Owner', ADMIN: 'Admin', MEMBER: 'Member' } as const;

export const missing = {
  title: 'No such organization',
  lead: 'It was deleted, or you are no longer in it.',
  onward: 'Go to your own connections',
};

export const sharing = {
  label: 'Who may use it',
  hint: 'Nobody does until it is assigned to them. Everyone signs in for themselves.',
  many: 'Any number of members',
  one: 'One member at a time',
};

export const notAssigned = {
  title: 'You are not assigned to this connection',
  what: 'Clients that you bring are refused until it is assigned to you.',
  assign: 'Assign yourself',
};

export const assigning = {
  title: 'Assigned to',
  single: 'One member at a time uses this connection.',
  several: 'Only these members use this connection, whatever their role, each with a sign-in of their own.',
  list: 'Assigned members',
  takeAwayLabel: (name: string) => `Take it from ${name}`,
  takeAway: 'Take away',
  form: 'Assign a member',
  member: 'Member',
  option: (name: string, email: string) => `${name} (${email})`,
  assign: 'Assign',
  give: { ask: (name: string) => `Give it to ${name}?`, done: (name: string) => `${name} has it`, confirm: 'Reassign' },
  take: {
    ask: (name: string) => `Take the connection from ${name}?`,
    done: 'Taken away',
    confirm: 'Take away',
  },
  what: (name: string | undefined) =>
    `${name} loses it at once: every client’s access to it, open sessions included, and the sign-in at its provider.`,
};

export const joining = {
  failed: 'The invitation could not be loaded',
  over: 'This invitation is no longer good',
  overHow: 'It was used, withdrawn or replaced, or it is more than a week old. Ask for another one.',
  title: (organization: string) => `Join ${organization}`,
  lead: (inviter: string | null, email: string, role: string) =>
    `${inviter ?? 'Somebody'} invites ${email} as ${role}.`,
  join: (name: string) => `Join as ${name}`,
  otherAccount: (mine: string, invited: string) =>
    `You are signed in as ${mine}. Sign in with the account of ${invited} to join.`,
  switch: 'Use another account',
  form: 'Create an account and join',
  email: 'Email',
  name: 'Name',
  password: 'Password',
  passwordRule: 'At least 8 characters.',
  create: 'Create account and join',
  signIn: 'Sign in to join',
  noNewAccounts: (email: string) =>
    `This gateway takes no new accounts. If you have none for ${email} yet, ask whoever invited you to let an administrator change that.`,
};

export const inviting = {
  title: 'Invite',
  form: 'Invite a member',
  email: 'Email',
  role: 'Role',
  submit: 'Invite',
  done: (email: string) => `${email} is invited`,
  byHand:
    'This gateway sends no mail. Hand this link over yourself: it is shown this once, works once, and only for an account with that address.',
  copy: 'Copy the invitation link',
  sent: 'The link was sent. It works once, for a week.',
  open: 'Open invitations',
  as: (role: string) => `as ${role}, expires `,
  closed:
    'This gateway takes no new accounts: only people who have one here can join. To let in whoever is invited, an administrator sets GRANTWAY_SIGN_UP to invite.',
  withdraw: 'Withdraw',
  withdrawLabel: (email: string) => `Withdraw the invitation of ${email}`,
};

export const memberGrants = {
  title: 'Clients of members',
  lead: 'You see that they have access and can end it. Whatever they do there is the member’s own.',
  none: 'No client has access to a connection of this organization.',
  use: (user: string, connection: string) => `for ${user}, to use ${connection}`,
  authorized: 'Authorized ',
  lastUsed: ', last used ',
  neverUsed: ', never used',
  revoke: 'Revoke',
  revokeLabel: (client: string, user: string) => `Revoke ${client} of ${user}`,
  ask: (client: string, user: string) => `Revoke ${client} of ${user}?`,
  done: 'Revoked',
  what: (client: string, connection: string, user: string) =>
    `${client} loses ${connection} at once, open sessions included. ${user} can authorize it again while the connection is assigned to them.`,
};

export const members = {
  title: 'Members',
  lead: (organization: string) =>
    `The people of ${organization}. What they may use is assigned to them at each connection.`,
  failed: 'The members could not be loaded',
  count: (count: number) => (count === 1 ? '1 member' : `${count} members`),
  list: 'Members',
  you: ' (you)',
  roleOf: (name: string) => `Role of ${name}`,
  remove: 'Remove',
  removeLabel: (name: string) => `Remove ${name}`,
  ask: (name: string) => `Remove ${name}?`,
  done: (name: string) => `${name} was removed`,
  confirm: 'Remove member',
  what: (name: string, organization: string) =>
    `Every client of ${name} loses the connections of ${organization} at once, open sessions included, with their sign-ins at providers and their API keys for it. Their own connections stay.`,
};

export const creating = {
  title: 'New organization',
  lead: 'Its members share connections, never identities: you decide who may use which, and everyone signs in for themselves.',
  name: 'Name',
  submit: 'Create organization',
};

export const page = {
  failed: 'The organization could not be loaded',
  nameless: 'The organization',
  keys: 'API keys of its members',
  danger: 'Danger zone',
  name: 'Name',
  rename: 'Rename the organization',
  save: 'Save',
  saved: 'Saved.',
};

const count = (number: number, one: string, many: string): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

export const ending = {
  onlyOwner:
    'You are its only owner, so you cannot leave. Make another member owner under Members, or delete the organization.',
  reach: (access: { connections: number; people: number; clients: number }, members: number) => {
    const { connections, people, clients } = access;
    const whose = members === 1 ? 'its one member' : `all ${members.toLocaleString('en')} members`;
    const ends = `${count(connections, 'connection ends', 'connections end')} for ${whose}`;
    if (clients === 0) return `${ends}. No client has access now.`;
    const ofWhom = people === 1 ? 'one person' : `${people.toLocaleString('en')} people`;
    return `${ends}, and ${count(clients, 'client loses', 'clients lose')} access, acting for ${ofWhom}.`;
  },
  ask: (act: string, name: string) => `${act} ${name}?`,
  leave: {
    title: 'Leave this organization',
    text: 'What clients may do for you with its connections ends at once, with your sign-ins at their providers.',
    button: 'Leave',
    done: 'You have left',
  },
  delete: {
    title: 'Delete this organization',
    text: 'Its connections and every permission of every member end at once, open sessions included. This cannot be undone.',
    button: 'Delete',
    done: 'The organization is deleted',
  },
} as const;
