/** The page that a person sees when a request of their browser cannot be answered by a redirect, nor by a page of the site. */
import { createHash } from 'node:crypto';
import { NO_STORE } from './reply.ts';

export type ErrorPage = {
  status: number;
  title: string;
  /** Paragraphs: what happened. */
  what: string[];
  /** What the person can do. */
  todo: string[];
  retryAfter?: number;
};

const STYLE = `
:root { color-scheme: light dark; --text: #1c1e21; --dim: #5c636b; --page: #f6f7f9; --card: #fff; --line: #dfe3e8 }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --dim: #a4abb3; --page: #141619; --card: #1d2024; --line: #33383e } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif }
main { width: 100%; max-width: 34rem; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  overflow-wrap: anywhere }
h1 { margin: 0 0 .75rem; font-size: 1.3rem; line-height: 1.3 }
h2 { margin: 1.25rem 0 .25rem; font-size: 1rem }
p { margin: .5rem 0 } ul { margin: .25rem 0; padding-left: 1.25rem } li { margin: .35rem 0 }
footer { margin-top: 1.5rem; color: var(--dim); font-size: .875rem }`;

// Nothing may load, run, frame or be framed; the one style is named by its digest (SECURITY #67, #68, #69).
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  ...NO_STORE,
};

/** The page as an answer. All text is escaped; nothing of the request becomes a link. */
export function errorPage({ status, title, what, todo, retryAfter }: ErrorPage): Response {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Grantway</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${what.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}
<h2>What you can do</h2>
<ul>
${todo.map((text) => `<li>${escapeHtml(text)}</li>`).join('\n')}
</ul>
<footer>Grantway. Nothing was changed, and no access was given.</footer>
</main>
</body>
</html>
`;
  return new Response(html, {
    status,
    headers: { ...HEADERS, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
  });
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
