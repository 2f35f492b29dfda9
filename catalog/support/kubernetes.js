/**
 * The little that a module's helper programs need from the Kubernetes API: read one object, wait
 * for a condition. The kubectl provider can neither wait for a StatefulSet nor read a value back.
 *
 * Plain JavaScript without packages, so that it starts in a few milliseconds and works wherever
 * the module is copied to. The address and the token come from the service account of the pod or,
 * outside a cluster, from the variables that the provider reads as well (KUBE_HOST, KUBE_TOKEN,
 * KUBE_CLUSTER_CA_CERT_DATA).
 */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { URL } from 'node:url';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
const requestTimeoutMilliseconds = 10_000;
const pollMilliseconds = 250;

/** The API server answered with a status that the caller did not expect. */
export class KubernetesError extends Error {
  /** @param {number} status @param {string} path */
  constructor(status, path) {
    super(`The API server answered ${String(status)} to GET ${path}`);
    this.name = 'KubernetesError';
    this.status = status;
  }
}

/** Waiting longer cannot help; the message says why. */
export class FinalFailure extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'FinalFailure';
  }
}

/** What was waited for did not happen in time. */
export class WaitTimeout extends Error {
  /** @param {string} what @param {number} seconds */
  constructor(what, seconds) {
    super(`${what} within ${String(seconds)} seconds`);
    this.name = 'WaitTimeout';
  }
}

/** @returns {Promise<{address: string, token: string, ca: string | Buffer}>} how to reach the API */
async function findConnection() {
  const environment = process.env;
  if (environment.KUBE_HOST) {
    return {
      address: environment.KUBE_HOST,
      token: environment.KUBE_TOKEN ?? '',
      ca: environment.KUBE_CLUSTER_CA_CERT_DATA ?? '',
    };
  }
  return { address: findInClusterAddress(environment), ...(await readServiceAccount()) };
}

function findInClusterAddress(environment) {
  const host = environment.KUBERNETES_SERVICE_HOST ?? 'kubernetes.default.svc';
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `https://${bracketed}:${environment.KUBERNETES_SERVICE_PORT ?? '443'}`;
}

/** @throws {FinalFailure} if the pod has no service account token */
async function readServiceAccount() {
  try {
    const token = await readFile(`${serviceAccountFolder}/token`, 'utf8');
    return { token: token.trim(), ca: await readFile(`${serviceAccountFolder}/ca.crt`) };
  } catch (error) {
    throw new FinalFailure(`No service account token can be read: ${error.message}`);
  }
}

/** @returns {Promise<{status: number, text: string}>} the answer to one GET */
async function fetchText(path) {
  const { address, token, ca } = await findConnection();
  return new Promise((resolve, reject) => {
    const call = request(
      new URL(path, address),
      { ca, headers: { accept: 'application/json', authorization: `Bearer ${token}` } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    call.setTimeout(requestTimeoutMilliseconds, () => {
      const error = new Error('The API server did not answer in time');
      call.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
    call.on('error', reject);
    call.end();
  });
}

/**
 * Reads one object.
 * @param {string} path such as `/api/v1/namespaces/team-a`
 * @returns {Promise<any>} the object, or null if there is none
 * @throws {KubernetesError} for every other answer than 200 and 404
 */
export async function readObject(path) {
  const { status, text } = await fetchText(path);
  if (status === 404) return null;
  if (status !== 200) throw new KubernetesError(status, path);
  return JSON.parse(text);
}

const passingFaults = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);

/** A server that restarts or asks for patience is asked again; a refusal or a wrong certificate is final. */
function isTransient(error) {
  if (error instanceof KubernetesError) return error.status === 429 || error.status >= 500;
  return passingFaults.has(error.code);
}

/**
 * Asks again and again until the answer is not null.
 * @template T
 * @param {string} failure the sentence for a timeout, without the time
 * @param {number} seconds how long to wait at most
 * @param {() => Promise<T | null>} attempt throws a FinalFailure when waiting has become useless
 * @returns {Promise<T>} what the attempt returned
 * @throws {WaitTimeout} when the time is over
 */
export async function waitFor(failure, seconds, attempt) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== null) return result;
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    if (Date.now() >= end) throw new WaitTimeout(failure, seconds);
    await sleep(pollMilliseconds);
  }
}

/**
 * Runs a helper program: a failure becomes one line on standard error and exit status 1, which is
 * what OpenTofu shows to the user.
 * @param {(input: Record<string, string>) => Promise<void>} program gets the variables of its `environment` block
 */
export async function run(program) {
  try {
    await program(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
