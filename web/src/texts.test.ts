// What a person reads stands in the texts modules of its area, so that the words can be looked through and changed there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';

const SOURCE = import.meta.dirname;

/** Strings with a space in them that nobody reads as words of ours: what is pasted, fonts, what only a log shows. */
const NOT_READ = ['connections/snippets.ts', 'graphql/listen.ts', 'main.tsx', 'sign-in/account.ts', 'ui/theme.ts'];

const READ_ATTRIBUTES =
  /^(title|label|aria-label|aria-description|placeholder|alt|description|lead|confirm|doneTitle|submit|body|text)$/;
const LETTER = /\p{L}/u;
const WORDS = /\p{L}[’.,:]* \p{L}/u;

interface Syntax {
  type?: string;
  [key: string]: unknown;
}

/** How a string is judged by where it stands: read as it is, not read, or read where it has words in it. */
type Place = 'read' | 'unread' | 'anywhere';

/** Where the strings below a node stand; what is not named here stands anywhere. */
function placeBelow(node: Syntax, key: string, place: Place): Place {
  if (node.type === 'JSXAttribute' && key === 'value')
    return READ_ATTRIBUTES.test(String((node.name as Syntax).name)) ? 'read' : 'unread';
  if ((node.type === 'JSXElement' || node.type === 'JSXFragment') && key === 'children') return 'read';
  const isBranch =
    node.type === 'JSXExpressionContainer' ||
    (node.type === 'ConditionalExpression' && key !== 'test') ||
    (node.type === 'LogicalExpression' && key === 'right');
  return isBranch ? place : 'anywhere';
}

/** The strings of a module that a person would read, each as the source has it. */
function wordsIn(path: string, code: string): string[] {
  const found: string[] = [];
  const judge = (text: string, place: Place): void => {
    if (place === 'read' ? LETTER.test(text) : place === 'anywhere' && WORDS.test(text)) found.push(text.trim());
  };
  const visit = (syntax: unknown, place: Place): void => {
    if (Array.isArray(syntax)) for (const one of syntax) visit(one, place);
    if (typeof syntax !== 'object' || syntax === null || Array.isArray(syntax)) return;
    const node = syntax as Syntax;
    if (node.type === 'ImportDeclaration') return;
    // A document of GraphQL.
    if (node.type === 'CallExpression' && (node.callee as Syntax).name === 'graphql') return;
    if (node.type === 'JSXText') judge(String(node.value), 'read');
    if (node.type === 'Literal' && typeof node.value === 'string') judge(node.value, place);
    if (node.type === 'TemplateElement') judge((node.value as { raw: string }).raw, 'anywhere');
    for (const [key, child] of Object.entries(node)) visit(child, placeBelow(node, key, place));
  };
  visit(parseSync(path, code, { lang: path.endsWith('x') ? 'tsx' : 'ts' }).program, 'anywhere');
  return found;
}

const modules = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !/\.test\.|\.d\.ts$/.test(path),
);
const isTexts = (path: string): boolean => /(^|\/|-)texts\.tsx?$/.test(path);

test('what a person reads stands in texts modules alone', () => {
  const elsewhere = modules
    .filter((path) => !isTexts(path) && !NOT_READ.includes(path))
    .flatMap((path) => wordsIn(path, readFileSync(join(SOURCE, path), 'utf8')).map((words) => `${path}: ${words}`));
  expect(elsewhere).toEqual([]);
});

test('every area has its texts, and words are found where they are', () => {
  expect(modules.filter(isTexts).length).toBeGreaterThan(10);
  const page = `<p title="Name" className="one two" c={b ? 'dimmed' : undefined}>Hello{b && 'you'}{f('id')}</p>`;
  expect(wordsIn('a.tsx', `export const A = () => ${page};`)).toEqual(['Name', 'Hello', 'you']);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source code of a template
  expect(wordsIn('a.ts', 'export const a = `Take it from ${name}`, b = `${name}/x`;')).toEqual(['Take it from']);
});
