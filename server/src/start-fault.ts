/** Why the program cannot begin, as the one line that an operator reads. */
import { WrongSetting } from './config.ts';
import { isTransient, sqlState } from './platform/transient.ts';

/** The line for what was thrown before anything was served; with the setting that is at fault, where one is. */
export function startFault(error: unknown, databaseUrl: string | undefined): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof WrongSetting) return error.message;
  // 28: who is asking; 3D000: no such database.
  if (databaseUrl && (isTransient(error) || /^(28|3D000)/.test(sqlState(error) ?? '')))
    return 'DATABASE_URL: the database does not answer there, or refuses this user';
  const { code = '', path } = error as NodeJS.ErrnoException;
  // A certificate that nobody vouches for, or a file of certificates that the URL names.
  if (databaseUrl && (/^(CERT_|DEPTH_ZERO|ERR_TLS|SELF_SIGNED|UNABLE_TO)/.test(code) || isNamedIn(databaseUrl, path)))
    return `DATABASE_URL: ${error.message}`;
  // An error of the file system: what this process keeps in files, it keeps there.
  if (/^E[A-Z]+$/.test(code)) return `GRANTWAY_DATA: ${error.message}`;
  return error.message;
}

/** Whether a database URL names a file in its `sslrootcert`, `sslcert` or `sslkey`. */
function isNamedIn(databaseUrl: string, path: string | undefined): boolean {
  return path !== undefined && [...new URLSearchParams(databaseUrl.split('?')[1]).values()].includes(path);
}
