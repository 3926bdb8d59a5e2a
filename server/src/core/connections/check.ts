/** What the name, the URL and the modes of a connection may be. */
import type { SharingMode } from '@grantway/prisma/client';
import type { AllowList } from '../../platform/http/address-guard.ts';
import { checkUpstreamUrl } from '../../platform/http/upstream-url.ts';
import { ok, type Result } from '../../platform/result.ts';
import { readName } from '../../platform/shown-text.ts';
import { type Invalid, invalid } from './refusal.ts';

/** A name to show, trimmed. */
export function checkName(text: string): Result<string, Invalid> {
  const name = readName(text, 'Give the connection a name.');
  return name.ok ? name : invalid('name', name.reason);
}

/** Where the upstream is, as it is stored. Whether the address behind a name may be dialled is judged again at each connect. */
export function checkRemoteUrl(text: string, allowUpstreams: AllowList): Result<string, Invalid> {
  const url = checkUpstreamUrl(text.trim(), allowUpstreams);
  return url.ok ? ok(url.value.href) : invalid('remoteUrl', url.reason);
}

/** A personal connection is its owner's alone. */
export function checkSharing(
  mode: SharingMode | undefined,
  organizationId: string | null,
): Result<SharingMode, Invalid> {
  if (organizationId !== null) return ok(mode ?? 'multi_user');
  if (mode === 'multi_user') return invalid('sharingMode', 'A personal connection has one user.');
  return ok('single_user');
}
