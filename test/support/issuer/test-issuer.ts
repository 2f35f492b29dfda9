import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, exportJWK, SignJWT, type CryptoKey, type JWK } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';

/** A person whom the issuer knows. */
export interface IssuerPerson {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  groups?: string[];
}

/** A real OpenID Connect issuer on loopback. */
export interface TestIssuer {
  url: string;
  people: Map<string, IssuerPerson>;
  /** How often its keys were fetched. */
  keyFetches(): number;
  /** Signs with a new key from now on; the keys of before are gone from what it publishes. */
  rotate(): Promise<void>;
  /** An access token as its token endpoint gives them (RFC 9068), or a changed one. */
  accessToken(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** The client that the api is at the issuer. */
export const CLIENT = { id: 'quartermaster', secret: 'a secret of thirty-two characters' };
/** The audience of its access tokens. */
export const AUDIENCE = 'https://quartermaster.example.com';

interface IssuerKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

/** Starts an issuer that lets the api sign people in. */
export async function startTestIssuer(redirectUri: string): Promise<TestIssuer> {
  const people = new Map<string, IssuerPerson>();
  const state = { fetches: 0, key: await newKey(1), rotations: 1 };
  const server = createServer();
  const url = await listen(server);
  let handle = await createHandler(url, { redirectUri, people, key: state.key });
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/jwks')) state.fetches += 1;
    void handle(request, response);
  });
  return {
    url,
    people,
    keyFetches: () => state.fetches,
    rotate: async () => {
      state.rotations += 1;
      state.key = await newKey(state.rotations);
      handle = await createHandler(url, { redirectUri, people, key: state.key });
    },
    accessToken: async (claims, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: url, aud: AUDIENCE, iat: now, exp: now + 300, jti: 'x', ...claims };
      const present = Object.entries<unknown>(payload).filter(([, value]) => value !== undefined);
      return new SignJWT(Object.fromEntries(present))
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: state.key.kid, ...header })
        .sign(state.key.privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function newKey(number: number): Promise<IssuerKey> {
  const kid = `issuer-key-${number}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
  return { kid, privateKey, jwk };
}

type Handler = ReturnType<Provider['callback']>;

function createHandler(
  url: string,
  parts: { redirectUri: string; people: Map<string, IssuerPerson>; key: IssuerKey },
): Promise<Handler> {
  const { redirectUri, people, key } = parts;
  const configuration: Configuration = {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [key.jwk] },
    cookies: { keys: ['a key for cookies of the test issuer'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    // As in many products: most claims are in the user info alone.
    conformIdTokenClaims: true,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_context, sub) => {
      const person = people.get(sub);
      return person && { accountId: sub, claims: () => ({ ...person }) };
    },
  };
  return Promise.resolve(new Provider(url, configuration).callback());
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
