/** Random bytes of the system's generator, fetched for many at a time: to ask it takes longer than all that is done with what it gives. */
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const fetched = Buffer.alloc(4_096);
let at = fetched.length;

/** @param size at most 4,096 bytes. Each byte is given out once, and not kept. */
export function freshBytes(size: number): Buffer {
  if (at + size > fetched.length) {
    randomFillSync(fetched);
    at = 0;
  }
  const bytes = Buffer.from(fetched.subarray(at, at + size));
  fetched.fill(0, at, at + size);
  at += size;
  return bytes;
}

/** A UUIDv7 (RFC 9562 §5.7). In the order of their milliseconds; those of one millisecond are in none. */
export const newId = (): string => v7({ rng: () => freshBytes(16) });
