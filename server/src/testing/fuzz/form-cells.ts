/** Cells of requests that are forms or carry headers: one parameter is strange, the others are right. */
import fc from 'fast-check';
import { type Cell, cell } from './cell.ts';
import { near } from './values.ts';

export type Form = Record<string, string>;

/** As browsers and clients encode; what is no text at all becomes the replacement character, as it does there. */
export const encode = (fields: Form): string =>
  Object.entries(fields)
    .map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');

/** A header's value as it may arrive: bytes of latin-1, and no line breaks. */
const headerOf = (text: string): string =>
  [...text]
    .filter((char) => char > '\u001f' && char < '\u0100' && char !== '\u007f')
    .join('')
    .trim();

/** What may stand in a URL in place of a path's end or a query. */
export const inUrl = (text: string): string =>
  encodeURI(text.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');

/** A cell for each field, which now and then is left out or comes twice, one for all of them together, and one for the text itself. */
export function fieldCells(
  endpoint: string,
  weight: number,
  { good, unusual = {} }: { good: Form; unusual?: Form },
  ask: (form: Form | string) => Promise<number>,
): Cell[] {
  const single = Object.entries({ ...good, ...unusual }).map(([name, value]) => {
    const values = fc.tuple(near(value, ...Object.values(good).slice(0, 2)), fc.integer({ min: 0, max: 9 }));
    return cell(endpoint, name, weight, values, ([text, how]) => {
      const { [name]: _, ...rest } = good;
      if (how === 0) return ask(rest);
      return ask(
        how === 1 ? `${encode({ ...good, [name]: text })}&${encode({ [name]: value })}` : { ...good, [name]: text },
      );
    });
  });
  const raw = fc.array(fc.tuple(near(...Object.keys(good)), near(...Object.values(good))), { maxLength: 8 });
  const bytes = near(encode(good)).map((text) => text.replaceAll('#', '%23'));
  return [
    ...single,
    cell(endpoint, '(all of it)', weight, raw, (pairs) => ask(encode(Object.fromEntries(pairs)))),
    cell(endpoint, '(raw)', weight, bytes, (text) => ask(text.toWellFormed())),
  ];
}

/** A cell for each header. */
export const headerCells = (
  endpoint: string,
  weight: number,
  good: Form,
  ask: (headers: Form) => Promise<number>,
): Cell[] =>
  Object.entries(good).map(([name, value]) =>
    cell(endpoint, `header ${name}`, weight, near(value), (text) => ask({ ...good, [name]: headerOf(text) })),
  );
