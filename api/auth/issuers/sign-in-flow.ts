import { z } from 'zod';

/** What binds the answer of an issuer to the browser and the request that began the sign-in. */
export interface SignInFlow {
  state: string;
  nonce: string;
  /** Of PKCE. */
  verifier: string;
}

/** How long somebody may take at the issuer. */
const HOLDS_SECONDS = 600;
const PATH = '/api/v1/auth/oidc';
const NAME = 'quartermaster-oidc';

const flowSchema = z.strictObject({
  state: z.string().min(16).max(200),
  nonce: z.string().min(16).max(200),
  verifier: z.string().min(16).max(200),
});

/**
 * The cookie with which a browser keeps a flow, so that any replica can end the sign-in. Nothing in
 * it is believed: state and nonce have to be those that the issuer gives back, and the verifier has
 * to match what the issuer was told at the beginning.
 *
 * @param isEncrypted whether users reach the api over HTTPS
 */
export function flowCookie(flow: SignInFlow, isEncrypted: boolean): string {
  const value = Buffer.from(JSON.stringify(flow)).toString('base64url');
  return cookie(value, HOLDS_SECONDS, isEncrypted);
}

/** The cookie that takes it away: a flow is for one answer. */
export function endedFlowCookie(isEncrypted: boolean): string {
  return cookie('', 0, isEncrypted);
}

/** The flow that a `Cookie` header carries, if it does. */
export function readFlow(header: string | undefined, isEncrypted: boolean): SignInFlow | undefined {
  const prefix = `${cookieName(isEncrypted)}=`;
  const pair = header?.split('; ').find((part) => part.startsWith(prefix));
  if (pair === undefined) return undefined;
  try {
    const text = Buffer.from(pair.slice(prefix.length), 'base64url').toString('utf8');
    return flowSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Lax: the issuer sends the browser back by an ordinary link. */
function cookie(value: string, seconds: number, isEncrypted: boolean): string {
  const attributes = [`Max-Age=${seconds}`, `Path=${PATH}`, 'HttpOnly', 'SameSite=Lax'];
  if (isEncrypted) attributes.push('Secure');
  return [`${cookieName(isEncrypted)}=${value}`, ...attributes].join('; ');
}

/** With the prefix, browsers take it from a page over HTTPS only. */
function cookieName(isEncrypted: boolean): string {
  return isEncrypted ? `__Secure-${NAME}` : NAME;
}
