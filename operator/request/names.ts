import { digest } from '../../lib/canonical-json.ts';
import type { RunAction } from '../../crds/resource-request.ts';

/** How much of a digest makes a name. */
const DIGEST_CHARACTERS = 12;

/** What a run is for; the same makes the same run. */
export interface RunIdentity {
  requestUid: string;
  requestName: string;
  action: RunAction;
  inputsDigest: string;
  attempt: number;
}

/**
 * The name of a run, and of its Job and Secret: a DNS label of at most 61 characters. The same
 * identity always gives the same name, so creating a run twice is one run.
 */
export function runName(identity: RunIdentity): string {
  const { requestUid, requestName, action, inputsDigest, attempt } = identity;
  const suffix = digest({ requestUid, action, inputsDigest, attempt })
    .replace(/^sha256:/, '')
    .slice(0, DIGEST_CHARACTERS);
  return `${requestName}-${action.toLowerCase()}-${suffix}`;
}

/** The name of the Secret with the credentials, in the namespace of the request. */
export function credentialsSecretName(requestName: string): string {
  return `${requestName}-credentials`;
}

/** The request whose credentials stand in a Secret of that name, if it is such a name. */
export function credentialsOwnerName(secretName: string): string | undefined {
  const suffix = credentialsSecretName('');
  return secretName.endsWith(suffix) ? secretName.slice(0, -suffix.length) : undefined;
}
