/** MCP session ids as clients see them: the upstream's own, bound by a MAC to the instance that it was handed out to. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Keyring, SealingKey } from '../platform/keys.ts';

export type McpSessions = {
  /** The id to give to the client; null for one that no client could send back. */
  wrap: (instanceId: string, upstreamId: string) => string | null;
  /** The upstream's id; null for one that we did not hand out to this instance, which is answered like one that never was (#190). */
  unwrap: (instanceId: string, id: string) => string | null;
};

const MAX_UPSTREAM_ID = 512;
const MAC_LENGTH = 43;
const MAX_ID = Math.ceil((MAX_UPSTREAM_ID * 4) / 3) + 1 + MAC_LENGTH;
// Visible ASCII (MCP streamable HTTP, "Session Management").
const USABLE = /^[\x21-\x7e]+$/;

/**
 * Nothing is stored: any process of the same keyring can check an id. The MAC's key is derived from each sealing key, so that ids
 * survive a key rotation; the current key makes new ones. The MAC keeps ids from being moved between users; it hides nothing.
 */
export function openMcpSessions(keyring: Keyring): McpSessions {
  const derived = new Map<string, Buffer>();
  const macKey = ({ kid, key }: SealingKey): Buffer => {
    const known = derived.get(kid) ?? Buffer.from(hkdfSync('sha256', key, 'grantway', 'mcp session id', 32));
    derived.set(kid, known);
    return known;
  };
  const mac = (key: Buffer, instanceId: string, upstreamId: string): Buffer =>
    createHmac('sha256', key).update(`${instanceId}\0${upstreamId}`).digest();
  return {
    wrap: (instanceId, upstreamId) => {
      if (upstreamId.length > MAX_UPSTREAM_ID || !USABLE.test(upstreamId)) return null;
      const text = Buffer.from(upstreamId, 'latin1').toString('base64url');
      return `${text}.${mac(macKey(keyring.sealing[0] as SealingKey), instanceId, upstreamId).toString('base64url')}`;
    },
    unwrap: (instanceId, id) => {
      if (id.length > MAX_ID) return null;
      const dot = id.indexOf('.');
      const given = Buffer.from(id.slice(dot + 1), 'base64url');
      if (dot < 1 || id.length - dot - 1 !== MAC_LENGTH || given.length !== 32) return null;
      const upstreamId = Buffer.from(id.slice(0, dot), 'base64url').toString('latin1');
      if (!USABLE.test(upstreamId)) return null;
      const isOurs = keyring.sealing.some((key) => timingSafeEqual(mac(macKey(key), instanceId, upstreamId), given));
      return isOurs ? upstreamId : null;
    },
  };
}
