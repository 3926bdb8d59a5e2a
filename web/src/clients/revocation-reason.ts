// Why something ended, in words.
import { reasons, unknownReason } from './client-texts.ts';

export function reasonText(reason: string | null): string {
  if (!reason) return unknownReason;
  return reasons[reason] ?? reason.replaceAll('_', ' ');
}
