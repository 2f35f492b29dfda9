import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { RunAccess } from '../terraform/run-contract.ts';
import type { KeyPair } from './certificates.ts';
import { RunApiError } from './errors.ts';
import { loadRunApiKeys } from './run-api-secret.ts';
import { RunTokens } from './run-token.ts';

/** Longest life of a run; its token is worthless earlier, when the run has finished. */
const TOKEN_LIFE_SECONDS = 24 * 3600;

/** Gives runs access to the run API. */
export interface RunAccessIssuer {
  /**
   * What goes into the Job's Secret as `run.json`.
   *
   * @param run as the API server gave it: the token is bound to its uid
   */
  issueRunAccess(run: ResourceRun): Promise<RunAccess>;
  /** What the server verifies tokens with. */
  tokens: RunTokens;
  /** The server's certificate and key. */
  server: KeyPair;
}

/** What {@link openRunAccess} needs. */
export interface RunAccessOptions {
  client: KubeClient;
  /** The runs namespace. */
  namespace: string;
  /** What pods use, such as `https://10.245.0.1:8443`. */
  url: string;
  clock: Clock;
}

/** Loads the keys of the run API, making them at the first start. */
export async function openRunAccess(options: RunAccessOptions): Promise<RunAccessIssuer> {
  const { client, namespace, clock } = options;
  const { hostname, origin } = new URL(options.url);
  // An IPv6 address stands in brackets in a URL, and without them in a certificate.
  const host = hostname.replace(/^\[|\]$/g, '');
  const keys = await loadRunApiKeys({ client, namespace, host, now: clock.now() });
  const tokens = new RunTokens(keys.tokenKey);
  return {
    tokens,
    server: keys.server,
    issueRunAccess: async ({ metadata: { name, uid } }) => {
      if (uid === undefined) throw new RunApiError(500, 'RUN_WITHOUT_UID', 'the run has no uid');
      const token = await tokens.issue({ run: name, uid }, clock.now(), TOKEN_LIFE_SECONDS);
      return { url: origin, ca: keys.authority.certificate, token, run: name };
    },
  };
}
