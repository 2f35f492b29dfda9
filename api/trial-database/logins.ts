import type { RolePasswords } from '../db/bootstrap-roles.ts';
import { ROLES } from '../../migrations/migration.ts';

/** Name of the database; the chart tells the server the same. */
const DATABASE = 'quartermaster';
const ADMINISTRATOR = 'postgres';
/** Key of the administrator's password, which the server's pod reads. */
const ADMINISTRATOR_KEY = 'postgres-password';

/** Where the server answers, and under which keys the connection URLs are kept. */
export interface LoginPlace {
  host: string;
  port: number;
  keys: Readonly<Record<keyof RolePasswords, string>>;
}

/** The four logins. */
export interface Logins {
  administratorUrl: string;
  passwords: RolePasswords;
}

/** What the Secret holds, as text by key. */
export type SecretText = Readonly<Record<string, string>>;

/**
 * The logins that a Secret holds.
 *
 * @returns undefined where it holds none; what is there in part belongs to somebody else
 * @throws {TypeError} when a URL is none
 */
export function readLogins(text: SecretText, place: LoginPlace): Logins | undefined {
  const administrator = text[ADMINISTRATOR_KEY];
  const { owner, app, system } = place.keys;
  const [ownerUrl, appUrl, systemUrl] = [text[owner], text[app], text[system]];
  if (!administrator || !ownerUrl || !appUrl || !systemUrl) return undefined;
  return {
    administratorUrl: buildUrl(ADMINISTRATOR, administrator, place),
    passwords: {
      owner: passwordOf(ownerUrl),
      app: passwordOf(appUrl),
      system: passwordOf(systemUrl),
    },
  };
}

/** The logins that somebody else has thought of, as connection URLs. */
export function givenLogins(administratorUrl: string, urls: RolePasswords): Logins {
  const passwords = {
    owner: passwordOf(urls.owner),
    app: passwordOf(urls.app),
    system: passwordOf(urls.system),
  };
  return { administratorUrl, passwords };
}

/** The text of a Secret with new logins. */
export function writeLogins(
  passwords: RolePasswords & { administrator: string },
  place: LoginPlace,
): Record<string, string> {
  const url = (role: keyof RolePasswords): string => buildUrl(ROLES[role], passwords[role], place);
  const { owner, app, system } = place.keys;
  return {
    [ADMINISTRATOR_KEY]: passwords.administrator,
    [owner]: url('owner'),
    [app]: url('app'),
    [system]: url('system'),
  };
}

function buildUrl(user: string, password: string, { host, port }: LoginPlace): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${login}@${host}:${port}/${DATABASE}`;
}

function passwordOf(url: string): string {
  return decodeURIComponent(new URL(url).password);
}
