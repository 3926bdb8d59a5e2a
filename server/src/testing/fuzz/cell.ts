/** One parameter of one endpoint, and how it is asked. */
import type fc from 'fast-check';

/** What came of one input. `closed`: the connection was, without an answer, which Node does to what is no HTTP. */
export type Outcome = number | 'closed';

export type Cell = {
  endpoint: string;
  parameter: string;
  /** How many inputs it gets, against the others: what costs little is tried more often. */
  weight: number;
  input: fc.Arbitrary<unknown>;
  send: (input: never) => Promise<Outcome>;
};

/** A cell whose input and sender agree. */
export const cell = <T>(
  endpoint: string,
  parameter: string,
  weight: number,
  input: fc.Arbitrary<T>,
  send: (input: T) => Promise<Outcome>,
): Cell => ({ endpoint, parameter, weight, input, send });
