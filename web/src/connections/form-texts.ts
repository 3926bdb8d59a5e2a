// What the forms and dialogs of a connection say: apart from its pages, because they are loaded when they are opened.
/** Those who lose access by an act: their number, and for how many people they act where those are several. */
export const clientsOf = (clients: number, people: number): string => {
  const whose = people > 1 ? ` of ${people.toLocaleString('en')} people` : '';
  return `${clients.toLocaleString('en')} ${clients === 1 ? 'client' : 'clients'}${whose}`;
};

export const fields = {
  url: 'Server URL',
  urlHint: 'The address of the remote MCP server (Streamable HTTP).',
  urlExample: 'https://mcp.example.com/mcp',
  name: 'Name',
  nameHint: 'How you and your clients call it.',
  nameExample: 'Issue tracker',
};

export const headerRows = {
  label: 'Headers',
  name: (number: number) => `Header ${number}: name`,
  nameExample: 'Authorization',
  value: (number: number) => `Header ${number}: value`,
  valueExample: 'Bearer …',
  remove: (number: number) => `Remove header ${number}`,
  add: 'Add a header',
};

export const creating = {
  title: 'New connection',
  lead: 'Clients will get an address of Grantway for it, never the server’s own address or credentials.',
  list: 'Connections',
  steps: { address: 'Step 1 of 2: the server', settings: 'Step 2 of 2: settings' },
  stepLead: {
    address: 'Grantway looks at it at once, and tells what it found.',
    settings: 'What was found is filled in. Check it, and create the connection.',
  },
  next: 'Continue',
  nextAnyway: 'Continue anyway',
  lookAgain: 'Look again',
  back: 'Back',
  tryOut: 'Test with these headers',
  tryOutHow: 'Reaches the server as a client would. The headers are sent there and kept nowhere.',
  tryOutRefused: 'The test did not run',
  refused: 'The connection was not created',
  cancel: 'Cancel',
  submit: 'Create connection',
};

export const editing = {
  title: 'Edit connection',
  saved: 'Saved.',
  done: 'Done',
  ends: (clients: string) => `Saving takes access from ${clients}`,
  endsWhat:
    'The permission was given for the server as it is now. Every client must ask again, and its open sessions end at once.',
  refused: 'The change was not saved',
  cancel: 'Cancel',
  save: 'Save',
  saveAndEnd: 'Save and end access',
};

export const replacing = {
  headers: 'Replace headers',
  headersLead: 'These replace all headers that the server gets today. Clients keep their access and notice nothing.',
  headersRefused: 'The headers were not replaced',
  saveClient: 'Save client',
  cancel: 'Cancel',
};

export const ending = {
  rotate: {
    ask: (name: string) => `Rotate the connect URL of ${name}?`,
    done: (name: string) => `${name} has a new connect URL`,
    confirm: 'Rotate URL',
  },
  disable: {
    ask: (name: string) => `Disable ${name}?`,
    done: (name: string) => `${name} is disabled`,
    confirm: 'Disable connection',
  },
  delete: {
    ask: (name: string) => `Delete ${name}?`,
    done: (name: string) => `${name} is deleted`,
    confirm: 'Delete connection',
  },
  noClients: 'No client has access now.',
  clients: (clients: string, number: number) =>
    `${clients} ${number === 1 ? 'loses' : 'lose'} access, and all open sessions end at once.`,
  address: 'This address stops working, for everyone who has it:',
  rotated: 'Clients must be given the new address and ask for your permission again.',
  disabled: 'Nothing comes back by itself: after enabling it again, every client must ask anew.',
  deleted: 'Its address stops working and its credentials are forgotten. This cannot be undone.',
};
