/** Files of the built site: found by name in a list made beforehand, so that no path of a request ever reaches the disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

const MEDIA_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

const ENCODINGS = { br: '.br', gzip: '.gz' } as const;

export type SiteFile = {
  mediaType: string;
  body: Buffer<ArrayBuffer>;
  encoded: { br?: Buffer<ArrayBuffer>; gzip?: Buffer<ArrayBuffer> };
};

/** Every file under `directory` by its path with a leading slash, read once; null where there is no built site. */
export function readSite(directory: string): Map<string, SiteFile> | null {
  let names: string[];
  try {
    names = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  } catch {
    return null;
  }
  const present = new Set(names);
  const read = (name: string): Buffer<ArrayBuffer> => Buffer.from(readFileSync(join(directory, name)));
  const files = new Map<string, SiteFile>();
  for (const name of names) {
    const mediaType = MEDIA_TYPES[extname(name)];
    if (!mediaType) continue;
    const encoded: SiteFile['encoded'] = {};
    for (const [encoding, suffix] of Object.entries(ENCODINGS) as ['br' | 'gzip', string][]) {
      if (present.has(name + suffix)) encoded[encoding] = read(name + suffix);
    }
    files.set(`/${name.split(sep).join('/')}`, { mediaType, body: read(name), encoded });
  }
  return files.has('/index.html') ? files : null;
}

/** The smallest form that the browser takes (RFC 9110 §12.5.3; a weight of zero means no). */
export function chooseEncoding(file: SiteFile, acceptEncoding: string | undefined): 'br' | 'gzip' | null {
  const accepted = (acceptEncoding ?? '').split(',').filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part));
  const names = accepted.map((part) => part.split(';', 1)[0]?.trim().toLowerCase());
  return (['br', 'gzip'] as const).find((encoding) => file.encoded[encoding] && names.includes(encoding)) ?? null;
}
