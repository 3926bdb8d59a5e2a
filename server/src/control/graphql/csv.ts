/** Lines of CSV (RFC 4180) that a spreadsheet shows and does not run. */

/**
 * One line. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which it shows as text: a client may call
 * itself `=HYPERLINK(…)` (#267).
 */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

function cell(text: string): string {
  const inert = /^[\s]*[=+\-@\t\r\n|]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
