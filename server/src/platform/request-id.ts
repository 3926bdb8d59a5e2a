/** The name of one request in the log and in what its caller is told: short, unique among processes, and made without asking anyone. */
import { randomBytes } from 'node:crypto';

const OF_PROCESS = randomBytes(6).toString('base64url');
let count = 0;

/** Says nothing about how many there were to whoever does not know the process. */
export const nextRequestId = (): string => `${OF_PROCESS}-${(++count).toString(36)}`;
