// What is said beside the lines that are pasted into a client.
export const clients = {
  claudeCode: 'Claude Code',
  cursor: 'Cursor',
  vsCode: 'VS Code',
  codex: 'Codex',
  mcpRemote: 'mcp-remote',
  inspector: 'Inspector',
  curl: 'curl',
};

export const says = {
  terminal: 'Run this in a terminal:',
  orTerminal: 'Or run this in a terminal:',
  claudeSignIn: 'Then, in Claude Code, sign in:',
  addToCursor: 'Add to Cursor',
  cursorFile: 'Or put this into .cursor/mcp.json:',
  addToVsCode: 'Add to VS Code',
  vsCodeFile: 'Or put this into .vscode/mcp.json:',
  signIn: 'Then sign in:',
  codexFile: 'Or put this into ~/.codex/config.toml:',
  localOnly: 'For clients that only start local programs:',
  localSettings: 'In the settings of such a client:',
  inspectorTerminal: 'To look at the tools from a terminal:',
  inspectorPage: 'Or in its own page, with this URL and the transport Streamable HTTP:',
  challenge: 'To see how a client without permission is sent to sign in:',
  withToken: 'With an access token in $TOKEN:',
};
