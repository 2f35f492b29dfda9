import type { RequestOptions } from 'node:https';
import { createSecureContext, type ConnectionOptions, type SecureContextOptions } from 'node:tls';
import { Agent, ProxyAgent, Socks5ProxyAgent, type buildConnector, type Dispatcher } from 'undici';
import { ConfigurationError } from '../errors.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { UnauthorizedError } from './errors.ts';

/** How long credentials are used before they are looked up again; token files rotate. */
const CREDENTIALS_LIFE_MS = 10_000;

/**
 * For how long an unused connection is kept: an approval often comes minutes after the last call, and whoever
 * waits for it would wait for new ones. Load balancers cut them after a minute, an API server after 90 s.
 */
const IDLE_CONNECTION_MS = 55_000;

/** What a call needs besides its own content. */
export interface Access {
  dispatcher: Dispatcher;
  headers: Record<string, string>;
}

/** What of the TLS settings a configuration can set. */
type TlsOptions = Pick<ConnectionOptions, (typeof TLS_FIELDS)[number]>;

const TLS_FIELDS = ['ca', 'cert', 'key', 'rejectUnauthorized', 'servername'] as const;

/**
 * The connections to one cluster. All calls share one dispatcher, so that connections are kept:
 * the library itself would make a new TLS connection for every call. Credentials outside a pod
 * come from the library: client certificates, tokens, token files, exec plug-ins.
 */
export class KubeConnection {
  readonly #config: ClusterAccess;
  readonly #server: string;
  #fingerprint = '';
  #dispatcher: Dispatcher | undefined;
  #access: { value: Promise<Access>; until: number } | undefined;

  constructor(config: ClusterAccess) {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new ConfigurationError(['the kubeconfig names no cluster']);
    this.#config = config;
    this.#server = cluster.server.replace(/\/+$/, '');
  }

  /** The full address of a path. */
  url(path: string): string {
    return `${this.#server}${path}`;
  }

  /**
   * The shared dispatcher and the headers that authenticate a call.
   *
   * @throws {UnauthorizedError} when the credentials cannot be obtained
   */
  access(): Promise<Access> {
    const now = performance.now();
    if (this.#access === undefined || now >= this.#access.until) {
      this.#access = { value: this.#look(), until: now + CREDENTIALS_LIFE_MS };
    }
    return this.#access.value;
  }

  /** Looks the credentials up again at the next call; for when they were refused. */
  forgetCredentials(): void {
    this.#access = undefined;
  }

  /** Ends all connections; calls in flight fail. */
  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  async #look(): Promise<Access> {
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      this.forgetCredentials();
      throw credentialsError(error);
    }
    return { dispatcher: this.#dispatcherFor(options), headers: authenticationHeaders(options) };
  }

  /** One dispatcher as long as certificates stay the same; rotated ones need new connections. */
  #dispatcherFor(options: RequestOptions): Dispatcher {
    const tls = tlsOptions(options);
    const fingerprint = JSON.stringify(tls);
    if (this.#dispatcher === undefined || fingerprint !== this.#fingerprint) {
      // The old one finishes its calls by itself; nobody waits for it.
      void this.#dispatcher?.close();
      this.#dispatcher = buildDispatcher(tls, this.#config.getCurrentCluster()?.proxyUrl);
      this.#fingerprint = fingerprint;
    }
    return this.#dispatcher;
  }
}

function tlsOptions(options: RequestOptions): TlsOptions {
  const set = TLS_FIELDS.filter((field) => options[field] !== undefined);
  return Object.fromEntries(set.map((field) => [field, options[field]]));
}

/** HTTP/1.1 on purpose: over HTTP/2 one slow watch shares its connection with every other call. */
function buildDispatcher(tls: TlsOptions, proxy: string | undefined): Dispatcher {
  const requestTls = shareContext(tls) as buildConnector.BuildOptions;
  // Cloud load balancers cut idle connections after a minute.
  const connect = { ...requestTls, keepAlive: true, keepAliveInitialDelay: 30_000 };
  const keepAliveTimeout = IDLE_CONNECTION_MS;
  if (!proxy) return new Agent({ connect, allowH2: false, keepAliveTimeout });
  if (proxy.startsWith('socks')) {
    return new Socks5ProxyAgent(proxy, { requestTls, keepAliveTimeout });
  }
  return new ProxyAgent({ uri: proxy, requestTls, allowH2: false, keepAliveTimeout });
}

/** Certificates are read once for all connections; Node would read and keep them for each. */
function shareContext({ ca, cert, key, ...tls }: TlsOptions): ConnectionOptions {
  const certificates: SecureContextOptions = { ca, cert, key };
  return { ...tls, secureContext: createSecureContext(certificates) };
}

function authenticationHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name] = String(value).trim();
  }
  if (options.auth) {
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

/** The message of a plug-in or a file system is not repeated: it may quote what it was given. */
function credentialsError(error: unknown): UnauthorizedError {
  const code = (error as { code?: unknown } | null)?.code;
  return new UnauthorizedError({
    status: 0,
    reason: 'CredentialsUnavailable',
    message: `the credentials for the cluster cannot be obtained${typeof code === 'string' ? ` (${code})` : ''}`,
  });
}
