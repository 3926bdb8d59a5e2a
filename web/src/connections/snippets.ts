// What to paste into a client so that it uses a connection. Pure: name and URL in, text out.
import { clients, says } from './snippet-texts.ts';

export interface Snippet {
  id: string;
  client: string;
  steps: { say: string; code: string }[];
  /** A link that the client itself opens. */
  install?: { label: string; href: string };
}

/** The name a client knows the connection by: what every client's command line and settings accept. */
export function serverName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return plain || 'grantway';
}

/** Quotes one word for a POSIX shell, only where it must be. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** mcp-remote refuses plain http except on this computer. */
function remoteWords(url: string): string[] {
  const { protocol, hostname } = new URL(url);
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return protocol === 'http:' && !local ? ['mcp-remote', url, '--allow-http'] : ['mcp-remote', url];
}

export function snippets(connectionName: string, url: string): Snippet[] {
  const name = serverName(connectionName);
  const inCode = { name, type: 'http', url };
  const remote = remoteWords(url);
  return [
    {
      id: 'claude-code',
      client: clients.claudeCode,
      steps: [
        {
          say: says.terminal,
          code: `claude mcp add --transport http ${shellWord(name)} ${shellWord(url)}`,
        },
        { say: says.claudeSignIn, code: '/mcp' },
      ],
    },
    {
      id: 'cursor',
      client: clients.cursor,
      install: {
        label: says.addToCursor,
        href: `cursor://anysphere.cursor-deeplink/mcp/install?${new URLSearchParams({ name, config: btoa(JSON.stringify({ url })) })}`,
      },
      steps: [{ say: says.cursorFile, code: json({ mcpServers: { [name]: { url } } }) }],
    },
    {
      id: 'vs-code',
      client: clients.vsCode,
      install: { label: says.addToVsCode, href: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(inCode))}` },
      steps: [
        { say: says.orTerminal, code: `code --add-mcp ${shellWord(JSON.stringify(inCode))}` },
        {
          say: says.vsCodeFile,
          code: json({ servers: { [name]: { type: 'http', url } } }),
        },
      ],
    },
    {
      id: 'codex',
      client: clients.codex,
      steps: [
        { say: says.terminal, code: `codex mcp add ${shellWord(name)} --url ${shellWord(url)}` },
        { say: says.signIn, code: `codex mcp login ${shellWord(name)}` },
        {
          say: says.codexFile,
          code: `[mcp_servers.${name}]\nurl = ${JSON.stringify(url)}`,
        },
      ],
    },
    {
      id: 'mcp-remote',
      client: clients.mcpRemote,
      steps: [
        { say: says.localOnly, code: ['npx', ...remote].map(shellWord).join(' ') },
        {
          say: says.localSettings,
          code: json({ mcpServers: { [name]: { command: 'npx', args: ['-y', ...remote] } } }),
        },
      ],
    },
    {
      id: 'inspector',
      client: clients.inspector,
      steps: [
        {
          say: says.inspectorTerminal,
          code: `npx @modelcontextprotocol/inspector --cli --server-url ${shellWord(url)} --transport http --method tools/list`,
        },
        {
          say: says.inspectorPage,
          code: 'npx @modelcontextprotocol/inspector',
        },
      ],
    },
    {
      id: 'curl',
      client: clients.curl,
      steps: [
        { say: says.challenge, code: `curl -i ${shellWord(url)}` },
        {
          say: says.withToken,
          code: [
            `curl -sS ${shellWord(url)} \\`,
            '  -H "Authorization: Bearer $TOKEN" \\',
            "  -H 'Content-Type: application/json' \\",
            "  -H 'Accept: application/json, text/event-stream' \\",
            `  -d '${JSON.stringify(INITIALIZE)}'`,
          ].join('\n'),
        },
      ],
    },
  ];
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '1' } },
};
