/** The headers that a connection adds to each upstream request: what their names and values may be. */
import { ok, type Result } from '../../platform/result.ts';
import { type Invalid, invalid } from './refusal.ts';

export type Header = { name: string; value: string };

const MAX_HEADERS = 20;
const MAX_NAME = 128;
const MAX_VALUE = 8_192;
const MAX_TOTAL = 16_384;

// RFC 9110 §5.6.2.
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// RFC 9110 §5.5: no CR, LF, NUL or other control but the tab. Beyond Latin-1 the wire has no form.
const VALUE = /^[\t\x20-\x7e\xa0-\xff]+$/;

/** Names that belong to the message or to the protocol: set from here they would split, misroute or forge requests. */
const RESERVED = [
  // RFC 9110 §7.6.1, hop by hop.
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.+|http2-settings)$/,
  // Framing and routing.
  /^(host|content-length|content-type|content-encoding|expect|via|forwarded|x-forwarded-.+|x-real-ip)$/,
  // The MCP transport and what negotiates it.
  /^(mcp-.+|last-event-id|accept|accept-encoding)$/,
  // What only a browser may say of itself.
  /^(origin|referer|sec-.+|set-cookie|access-control-.+)$/,
];

/** Names that carry credentials wherever they are used: they are sealed, never kept in plain sight. */
const CREDENTIAL =
  /^(authorization|cookie|x-api-key|api-key|x-auth-.+|x-token-.+|x-access-token)$|(^|-)(secret|token|password)$/;

/**
 * Headers that may be sent, trimmed; or the first thing wrong with them.
 * @param kind `auxiliary` ones are shown to people, so a name that carries a credential is refused there.
 */
export function checkHeaders(kind: 'static' | 'auxiliary', headers: readonly Header[]): Result<Header[], Invalid> {
  const field = `${kind}Headers`;
  if (headers.length > MAX_HEADERS) return invalid(field, `At most ${MAX_HEADERS} headers, please.`);
  const seen = new Set<string>();
  const checked: Header[] = [];
  let total = 0;
  for (const header of headers) {
    const name = header.name.trim();
    const value = header.value.trim();
    const lower = name.toLowerCase();
    if (!TOKEN.test(name) || name.length > MAX_NAME) {
      return invalid(field, 'A header name is made of letters, digits and hyphens, up to 128 of them.');
    }
    if (RESERVED.some((reserved) => reserved.test(lower)))
      return invalid(field, `The header ${name} is set by the gateway itself.`);
    if (kind === 'auxiliary' && CREDENTIAL.test(lower)) {
      return invalid(
        field,
        `The header ${name} carries a credential: it belongs to the static headers, which are sealed.`,
      );
    }
    if (seen.has(lower)) return invalid(field, `The header ${name} is given twice.`);
    // NTLM and Negotiate authenticate the connection and not the request: here many people's requests share one (#170).
    if (lower === 'authorization' && /^(ntlm|negotiate|kerberos)\b/i.test(value)) {
      return invalid(field, 'This scheme signs in a connection, and people share connections here: a token is needed.');
    }
    // The value itself never goes into a message: it may be a secret.
    if (!VALUE.test(value))
      return invalid(field, `The value of ${name} is empty, or holds line breaks or other control characters.`);
    if (value.length > MAX_VALUE) return invalid(field, `The value of ${name} is longer than ${MAX_VALUE} characters.`);
    seen.add(lower);
    total += name.length + value.length;
    checked.push({ name, value });
  }
  if (total > MAX_TOTAL) return invalid(field, `Together the headers are longer than ${MAX_TOTAL} characters.`);
  return ok(checked);
}

/** Refused where a header is given in both lists: which one is sent would be chance. */
export function checkDisjoint(staticNames: readonly string[], auxiliary: readonly Header[]): Result<null, Invalid> {
  const names = new Set(staticNames.map((name) => name.toLowerCase()));
  const both = auxiliary.find(({ name }) => names.has(name.toLowerCase()));
  return both ? invalid('auxiliaryHeaders', `The header ${both.name} is a static header already.`) : ok(null);
}
