/** Text that is shown where people decide: one line, that can be seen, and that reads as it is written. */
import { ok, type Result, refused } from './result.ts';

const MAX_NAME = 80;
// Controls, line and paragraph separators, what turns the direction of text, and what has no width and joins nothing.
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u180e\u200b\u2060-\u2064\ufeff]/u;
const MISLEADING_ALL = new RegExp(MISLEADING, 'gu');
// Hangul fillers and other characters that are there and look like nothing; the blank of Braille says of itself that it is a symbol.
const SEEN = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Whether something of it can be seen. */
const isSeen = (text: string): boolean => SEEN.test(text);

/** A stranger's text as one such line, cut to so many characters; empty where nothing of it can be seen. */
export function shownLine(text: string, most: number): string {
  const line = text.toWellFormed().replace(MISLEADING_ALL, ' ').replace(/\s+/g, ' ').trim();
  if (!isSeen(line)) return '';
  const characters = [...line];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}

/** The name that a person gives something, trimmed. Refused with a sentence for them; `missing` asks for a name where there is none. */
export function readName(text: string, missing: string): Result<string, string> {
  const name = text.trim();
  if (!isSeen(name)) return refused(missing);
  if ([...name].length > MAX_NAME) return refused(`A name has at most ${MAX_NAME} characters.`);
  if (MISLEADING.test(name))
    return refused('A name is one line, without characters that cannot be seen or that turn the direction of text.');
  return ok(name);
}
