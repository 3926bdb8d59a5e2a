/** What a sign-in of a client is called on the page of its user. */

const KNOWN: [RegExp, string][] = [
  [/claude[-_ ]?(code|cli)/i, 'Claude Code'],
  [/claude[-_ ]?desktop/i, 'Claude Desktop'],
  [/claude|anthropic/i, 'Claude'],
  [/cursor/i, 'Cursor'],
  [/visual studio code|vs ?code/i, 'VS Code'],
  [/openai|chatgpt/i, 'ChatGPT'],
  [/codex/i, 'Codex'],
  [/gemini[-_ ]?cli/i, 'Gemini CLI'],
  [/windsurf/i, 'Windsurf'],
  [/opencode/i, 'opencode'],
  [/\bgoose/i, 'Goose'],
  [/\bzed\b/i, 'Zed'],
  [/mcp[-_]?inspector/i, 'MCP Inspector'],
  [/mcp[-_]?remote/i, 'mcp-remote'],
];
const MAX = 60;

/** The known name in a User-Agent, else its first product without the version (RFC 9110 §10.1.5). It is the client's word, no proof. */
export function familyLabel(userAgent: string | null | undefined): string {
  const text = (userAgent ?? '').replace(/[\p{Cc}\p{Cf}]/gu, '').trim();
  const known = KNOWN.find(([pattern]) => pattern.test(text));
  if (known) return known[1];
  return text.split(/[\s/(;]/, 1)[0]?.slice(0, MAX) || 'Unnamed';
}
