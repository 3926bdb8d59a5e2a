/** Questions to the database that share round trips. */

export type Batching = {
  /** So many questions at most go together: above that, the first of the callers would wait for the last. */
  limit: number;
  /** Round trips under way at once; while all are, questions gather for the next, which makes its cost one for many. Absent: no bound. */
  lanes?: number;
  /** So many have to wait before a round trip begins beside another: fewer are better kept for the next. Absent: one. */
  enough?: number;
  /** A round trip that takes so many milliseconds is waiting for something: others need not wait behind it, and its lane is free. */
  slowMs?: number;
  /**
   * After a round trip that was shared, the next is sent so many turns of the event loop later: who comes in them comes along, and
   * under load that halves the number of round trips. One that nobody shared is followed at once.
   */
  turns?: number;
};

/**
 * For what every request asks. A few callers' questions all go together, since each round trip costs as much as several questions; of
 * very many, one half is asked about while the answers for the other are acted on.
 */
export const EVERY_REQUEST: Batching = { limit: 32, lanes: 2, enough: 16, slowMs: 20, turns: 4 };

type Waiting<Question, Answer> = {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * Questions that wait at the same moment go together; `ask` answers in their order, or throws for all of them. It is called only
 * after each of its questions was asked, at the end of that turn of the event loop or a later one, so sharing never makes an answer older.
 * `meanwhile` is called after each time: what nobody waits for costs nobody anything then.
 */
export function openBatched<Question, Answer>(
  { limit, lanes = Number.POSITIVE_INFINITY, enough = 1, slowMs, turns = 0 }: Batching,
  ask: (questions: Question[]) => Promise<Answer[]>,
  meanwhile?: () => void,
): (question: Question) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = [];
  let under = 0;
  let scheduled = false;
  let wasShared = false;
  const mayGo = (): boolean => waiting.length >= (under === 0 ? 1 : enough) && under < lanes;
  const send = (): void => {
    scheduled = false;
    wasShared = waiting.length > 1;
    while (mayGo()) {
      const batch = waiting.length <= limit ? waiting : waiting.slice(0, limit);
      waiting = waiting.length <= limit ? [] : waiting.slice(limit);
      void run(batch);
    }
  };
  const sendIn = (left: number): void => {
    setImmediate(() => (left > 0 && waiting.length < limit ? sendIn(left - 1) : send()));
  };
  const schedule = (): void => {
    if (scheduled || !mayGo()) return;
    scheduled = true;
    sendIn(wasShared ? turns : 0);
  };
  const run = async (batch: Waiting<Question, Answer>[]): Promise<void> => {
    let counts = true;
    const leave = (): void => {
      if (!counts) return;
      counts = false;
      under--;
      schedule();
    };
    under++;
    const late = slowMs === undefined ? undefined : setTimeout(leave, slowMs);
    try {
      const answering = ask(batch.map(({ question }) => question));
      meanwhile?.();
      const answers = await answering;
      for (let at = 0; at < batch.length; at++) (batch[at] as (typeof batch)[number]).resolve(answers[at] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    clearTimeout(late);
    leave();
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      schedule();
    });
}
