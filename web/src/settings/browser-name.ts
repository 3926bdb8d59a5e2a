// A browser's User-Agent in words: enough to tell one's own from another's.
import { texts } from './texts.ts';

const BROWSERS: [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

const first = (text: string, table: [RegExp, string][]): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** Undefined where it says nothing that is known. */
export function browserName(userAgent: string | null): string | undefined {
  if (!userAgent) return undefined;
  const [browser, system] = [first(userAgent, BROWSERS), first(userAgent, SYSTEMS)];
  return browser && system ? texts.browserOn(browser, system) : (browser ?? system);
}
