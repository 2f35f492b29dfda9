import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthority, issueServerCertificate } from '../../../operator/run-api/certificates.ts';
import { findPrograms } from '../find-programs.ts';
import { ProviderSigner } from './provider-signer.ts';
import { zipProgram } from './zip-file.ts';

const ARCHITECTURES: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const VERSION = '1.19.0';
/** The settings of the engine that the image has. */
const IMAGE_SETTINGS = path.resolve(import.meta.dirname, '../../../catalog/tofu.rc');

/**
 * A registry of providers, reached over TLS by the protocol that every public one speaks, and a
 * network mirror of the same. It names the key of its publisher, who has signed what it offers as
 * long as nobody says otherwise.
 */
export class ProviderRegistry {
  /** What it says the checksum of the archive is. */
  checksum: string;
  /** Who has signed that; undefined: nobody whom an engine knows. */
  signer: ProviderSigner | undefined;
  /** Paths that were asked for. */
  readonly calls: string[] = [];
  readonly #server: Server;
  readonly #archive: Buffer;
  readonly #directory: string;
  readonly #publisher: ProviderSigner;

  private constructor(
    server: Server,
    archive: Buffer,
    directory: string,
    publisher: ProviderSigner,
  ) {
    this.#server = server;
    this.#archive = archive;
    this.#directory = directory;
    this.#publisher = publisher;
    this.signer = publisher;
    this.checksum = createHash('sha256').update(archive).digest('hex');
  }

  /** Starts one that offers the real provider kubectl. */
  static async start(): Promise<ProviderRegistry> {
    const { 'terraform-provider-kubectl': program } = await findPrograms(['provider-kubectl']);
    const archive = zipProgram(`terraform-provider-kubectl_v${VERSION}`, readFileSync(program));
    const now = new Date();
    const authority = await createAuthority(now);
    const { certificate: cert, key } = await issueServerCertificate(authority, 'localhost', now);
    const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-registry-'));
    writeFileSync(path.join(directory, 'ca.pem'), authority.certificate);
    const server = createServer({ cert, key });
    const publisher = await ProviderSigner.create('publisher');
    const registry = new ProviderRegistry(server, archive, directory, publisher);
    server.on('request', (request, response) => {
      void registry.#answer(request.url ?? '').then((answer) => {
        response.writeHead(answer === undefined ? 404 : 200, { 'content-type': typeOf(answer) });
        response.end(answer instanceof Buffer ? answer : JSON.stringify(answer ?? {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    registry.#writeSettings();
    return registry;
  }

  /** The host in the addresses of its providers. */
  get host(): string {
    return `localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a run must be told: the settings of the image, and whom to trust. */
  get environment(): Record<string, string> {
    return this.#tell('tofu.rc');
  }

  /** What a run must be told to get every provider from the mirror. */
  get mirrorEnvironment(): Record<string, string> {
    return this.#tell('mirror.rc');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** As in the image, where the folder of the mirror has no provider of this registry. */
  #writeSettings(): void {
    const text = readFileSync(IMAGE_SETTINGS, 'utf8');
    const settings = text.replace('/opt/quartermaster/providers', this.#directory);
    writeFileSync(path.join(this.#directory, 'tofu.rc'), settings);
    const mirror = `network_mirror {\n    url = "https://${this.host}/mirror/"\n  }`;
    const mirrored = `provider_installation {\n  ${mirror}\n}\n`;
    writeFileSync(path.join(this.#directory, 'mirror.rc'), mirrored);
  }

  #tell(settings: string): Record<string, string> {
    return {
      TF_CLI_CONFIG_FILE: path.join(this.#directory, settings),
      SSL_CERT_FILE: path.join(this.#directory, 'ca.pem'),
    };
  }

  async #answer(url: string): Promise<object | undefined> {
    this.calls.push(url);
    const [os, arch] = [process.platform, ARCHITECTURES[process.arch] ?? process.arch];
    const filename = `terraform-provider-kubectl_${VERSION}_${os}_${arch}.zip`;
    const checksums = Buffer.from(`${this.checksum}  ${filename}\n`);
    const base = `https://${this.host}/files`;
    const archive = { url: `${base}/${filename}`, hashes: [`zh:${this.checksum}`] };
    const mirrored = '/mirror/registry.opentofu.org/gavinbunney/kubectl';
    const answers: Record<string, object> = {
      '/.well-known/terraform.json': { 'providers.v1': '/v1/providers/' },
      '/v1/providers/example/kubectl/versions': {
        versions: [{ version: VERSION, protocols: ['5.0'], platforms: [{ os, arch }] }],
      },
      [`/v1/providers/example/kubectl/${VERSION}/download/${os}/${arch}`]: {
        ...{ protocols: ['5.0'], os, arch, filename, shasum: this.checksum },
        download_url: `${base}/${filename}`,
        shasums_url: `${base}/SHA256SUMS`,
        shasums_signature_url: `${base}/SHA256SUMS.sig`,
        signing_keys: { gpg_public_keys: [this.#publisher.publicKey] },
      },
      [`${mirrored}/index.json`]: { versions: { [VERSION]: {} } },
      [`${mirrored}/${VERSION}.json`]: { archives: { [`${os}_${arch}`]: archive } },
      [`/files/${filename}`]: this.#archive,
      '/files/SHA256SUMS': checksums,
      '/files/SHA256SUMS.sig': (await this.signer?.sign(checksums)) ?? Buffer.from('unsigned'),
    };
    return answers[url];
  }
}

function typeOf(answer: object | undefined): string {
  return answer instanceof Buffer ? 'application/octet-stream' : 'application/json';
}
