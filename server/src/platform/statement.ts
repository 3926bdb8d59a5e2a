/** A prepared statement straight on PostgreSQL's protocol, its rows left as the text that came: for the one that every request asks. */
import type pg from 'pg';

/** Columns in the statement's order, as PostgreSQL writes them: `t` and `f`, digits, null. */
export type TextRow = readonly (string | null)[];

/** What pg's connection does for a query that writes itself (its types do not say). */
type Wire = {
  stream: { cork: () => void; uncork: () => void };
  parsedStatements: Record<string, string>;
  submittedNamedStatements: Record<string, string>;
  parse: (statement: { name: string; text: string }) => void;
  bind: (portal: { statement: string; values: readonly string[] }) => void;
  execute: (portal: object) => void;
  sync: () => void;
};

/**
 * One run of a statement. pg's own query asks for the description of the columns each time and makes an object of each row, which
 * costs more than all else that is done for a request; whoever wrote the statement knows its columns.
 */
class Statement {
  callback: (error: Error | null, rows?: TextRow[]) => void;
  readonly name: string;
  readonly text: string;
  readonly #values: readonly string[];
  readonly #rows: TextRow[] = [];

  constructor(name: string, text: string, values: readonly string[], callback: Statement['callback']) {
    this.name = name;
    this.text = text;
    this.#values = values;
    this.callback = callback;
  }

  submit(wire: Wire): void {
    wire.stream.cork();
    if (wire.parsedStatements[this.name] === undefined && wire.submittedNamedStatements[this.name] === undefined) {
      wire.parse({ name: this.name, text: this.text });
      // One without a name is gone with the next.
      if (this.name !== '') wire.submittedNamedStatements[this.name] = this.text;
    }
    wire.bind({ statement: this.name, values: this.#values });
    wire.execute({});
    wire.sync();
    wire.stream.uncork();
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#rows);
  }

  handleRowDescription(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
}

/** Runs a statement on a free connection of the pool; one whose `name` is '' is parsed each time. After a fault that connection is not used again. */
export function runStatement(pool: pg.Pool, name: string, text: string, values: readonly string[]): Promise<TextRow[]> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client, release) => {
      if (error || !client) return reject(error);
      const answered: Statement['callback'] = (fault, rows = []) => {
        release(fault ?? undefined);
        if (fault) reject(fault);
        else resolve(rows);
      };
      client.query(new Statement(name, text, values, answered) as unknown as pg.Submittable);
    });
  });
}

/** A PostgreSQL array of texts, as its parameter. Quoted throughout, so that no element means anything but itself. */
export const arrayText = (elements: readonly string[]): string =>
  `{${elements.map((element) => (PLAIN.test(element) ? element : `"${element.replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`;

// What stands for itself in an array without quotes; NULL and the empty string do not.
const PLAIN = /^[0-9a-f]+(-[0-9a-f]+)*$/;
