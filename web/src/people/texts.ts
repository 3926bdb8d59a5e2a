// What the administrators' page about accounts says.
export const page = {
  title: 'People',
  lead: 'Every account of this Grantway. A blocked account is signed out, and all that clients may do for it ends.',
  search: 'Filter people',
  failed: 'The accounts could not be loaded',
  noMatch: 'No account matches',
  noMatchHow: (search: string) => `Nobody here has “${search}” in their name or address.`,
  showAll: 'Show all people',
  list: 'People',
};

export const person = {
  you: ' (you)',
  administrator: 'Administrator',
  blocked: 'Blocked',
  grants: (count: number) => `${count} ${count === 1 ? 'authorization' : 'authorizations'}`,
  organizations: (count: number) => `${count} ${count === 1 ? 'organization' : 'organizations'}`,
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

// Where no mail is sent: a link to a new password, to be handed over.
export const resetLink = {
  make: 'Make a password link…',
  title: (name: string) => `Make a password link for ${name}?`,
  lead: 'This gateway sends no mail. You get a link with which they choose a new password, to be handed over yourself. Their password stays good until then; then their sessions and API keys end, and their authorized clients stay.',
  cancel: 'Cancel',
  confirm: 'Make link',
  madeTitle: (name: string) => `The password link for ${name}`,
  made: 'Copy it now: it is not shown again. It works once, and whoever has it gets into the account: hand it over where nobody reads along.',
  expires: 'It stops working',
  copy: 'Copy the password link',
  refused: 'No link was made',
  done: 'Done',
};
