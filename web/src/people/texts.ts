// What the administrators' page about accounts says.
export const page = {
  title: 'People',
  lead: 'Every account of this Grantway. A blocked account is signed out, and all that clients may do for it ends.',
  search: 'Filter people',
  failed: 'The accounts could not be loaded',
  none: 'No account matches.',
  list: 'People',
};

export const person = {
  you: ' (you)',
  administrator: 'Administrator',
  blocked: 'Blocked',
  grants: (count: number) => `${count} active grants`,
  organizations: (count: number) => `${count} organizations`,
  actions: (name: string) => `Actions for ${name}`,
  makeOrdinary: 'Make an ordinary account',
  makeAdministrator: 'Make administrator',
  unblock: 'Unblock',
  block: 'Block…',
  erase: 'Erase…',
};

export const ending = {
  blockDomain: 'Block an email domain',
  erasing:
    'The name, the address, the sign-ins and everything that is theirs go for good, and all that clients may do for them ends at once. What happened stays recorded without them. This cannot be undone.',
  blocking:
    'They are signed out everywhere; their API keys and all that clients may do for them end at once, open sessions included. Unblocking brings none of it back.',
  domain: 'Email domain',
  domainHint: 'Every account with an address of this domain, but yours.',
  domainExample: 'example.com',
  reason: 'Reason',
  reasonHint: 'For administrators to read.',
  domainDialog: { title: 'Block an email domain?', doneTitle: 'The accounts are blocked', confirm: 'Block accounts' },
  blockDialog: (name: string) => ({
    title: `Block ${name}?`,
    doneTitle: `${name} is blocked`,
    confirm: 'Block account',
  }),
  eraseDialog: (name: string) => ({
    title: `Erase ${name}?`,
    doneTitle: 'The account is erased',
    confirm: 'Erase account',
  }),
  blocked: (count: number, receipt: string) =>
    `${count === 1 ? 'One account is' : `${count} accounts are`} blocked. ${receipt}`,
};
