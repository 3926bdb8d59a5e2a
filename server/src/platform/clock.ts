/** Time as an argument: the domain never reads a clock of its own. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** `seconds` after `instant`. */
export const after = (instant: Date, seconds: number): Date => new Date(instant.getTime() + seconds * 1000);
