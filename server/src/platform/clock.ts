/** Time as an argument: the domain never reads a clock of its own. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/**
 * So far, in seconds, may the clocks of two machines be apart. Beyond it the tokens that one of them has just issued are of the future at
 * the other, which refuses them.
 */
export const MAX_SKEW = 30;

/** `seconds` after `instant`. */
export const after = (instant: Date, seconds: number): Date => new Date(instant.getTime() + seconds * 1000);
