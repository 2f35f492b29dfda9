import { randomBytes } from 'node:crypto';
import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { retryOnConflict } from '../state/retry-on-conflict.ts';
import { createAuthority, isUsable, issueServerCertificate, type KeyPair } from './certificates.ts';

/** Secret with the keys of the run API. */
export const RUN_API_SECRET = 'quartermaster-run-api';

/** A certificate is replaced at a start when it has less than this left. */
const RENEW_BEFORE_MS = 60 * 24 * 3600 * 1000;

const KEYS = {
  token: 'token.key',
  authority: { certificate: 'ca.crt', key: 'ca.key' },
  server: { certificate: 'tls.crt', key: 'tls.key' },
} as const;

/** Keys and certificates of the run API; the same for all replicas. */
export interface RunApiKeys {
  tokenKey: Buffer;
  authority: KeyPair;
  server: KeyPair;
}

/** What {@link loadRunApiKeys} needs. */
export interface RunApiKeysOptions {
  client: KubeClient;
  namespace: string;
  /** Name or address under which runners reach the server. */
  host: string;
  now: Date;
}

/**
 * Loads the keys, making at the first start what is missing, and a new server certificate when the
 * old one is for another host or ends soon. Replicas that start together agree: the first wins.
 */
export function loadRunApiKeys(options: RunApiKeysOptions): Promise<RunApiKeys> {
  const { client, namespace, host, now } = options;
  return retryOnConflict(async () => {
    const key = { namespace, name: RUN_API_SECRET };
    const secret = await client.get<Secret>(RESOURCE_TYPES.secrets, key);
    const known = secret === undefined ? undefined : readKeys(secret);
    const renewAt = new Date(now.getTime() + RENEW_BEFORE_MS);
    if (known !== undefined && isUsable(known.server.certificate, host, renewAt)) return known;
    const keys = known === undefined ? await createKeys(host, now) : await renew(known, host, now);
    const built = buildSecret(namespace, keys);
    if (secret === undefined) await client.create(RESOURCE_TYPES.secrets, built);
    else await client.replace(RESOURCE_TYPES.secrets, { ...secret, data: built.data });
    return keys;
  });
}

async function createKeys(host: string, now: Date): Promise<RunApiKeys> {
  const authority = await createAuthority(now);
  const server = await issueServerCertificate(authority, host, now);
  return { tokenKey: randomBytes(32), authority, server };
}

/** Runs that are under way know the authority: it stays. */
async function renew(known: RunApiKeys, host: string, now: Date): Promise<RunApiKeys> {
  return { ...known, server: await issueServerCertificate(known.authority, host, now) };
}

function readKeys(secret: Secret): RunApiKeys | undefined {
  const tokenKey = decode(secret, KEYS.token);
  const authority = readPair(secret, KEYS.authority);
  const server = readPair(secret, KEYS.server);
  return tokenKey.length >= 32 && authority !== undefined && server !== undefined
    ? { tokenKey, authority, server }
    : undefined;
}

function readPair(
  secret: Secret,
  names: { certificate: string; key: string },
): KeyPair | undefined {
  const certificate = decode(secret, names.certificate).toString('utf8');
  const key = decode(secret, names.key).toString('utf8');
  return certificate === '' || key === '' ? undefined : { certificate, key };
}

function decode(secret: Secret, name: string): Buffer {
  return Buffer.from(secret.data?.[name] ?? '', 'base64');
}

function buildSecret(namespace: string, keys: RunApiKeys): Secret {
  const { authority, server } = keys;
  const values: Record<string, Buffer> = {
    [KEYS.token]: keys.tokenKey,
    [KEYS.authority.certificate]: Buffer.from(authority.certificate),
    [KEYS.authority.key]: Buffer.from(authority.key),
    [KEYS.server.certificate]: Buffer.from(server.certificate),
    [KEYS.server.key]: Buffer.from(server.key),
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name: RUN_API_SECRET,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.component]: 'keys' },
    },
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(values).map(([name, bytes]) => [name, bytes.toString('base64')]),
    ),
  };
}
