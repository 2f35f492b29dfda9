import { createMessage, generateKey, sign, type PrivateKey } from 'openpgp';

/** Somebody who signs the checksums of providers, with an OpenPGP key as publishers do. */
export class ProviderSigner {
  readonly #key: PrivateKey;

  private constructor(key: PrivateKey) {
    this.#key = key;
  }

  /** Somebody new, with a key that nobody has seen. */
  static async create(name: string): Promise<ProviderSigner> {
    const userIDs = [{ name, email: `${name}@example.com` }];
    const { privateKey } = await generateKey({
      ...{ type: 'rsa', rsaBits: 2048, userIDs },
      format: 'object',
    });
    return new ProviderSigner(privateKey);
  }

  /** How a registry names the key. */
  get publicKey(): { key_id: string; ascii_armor: string } {
    const key = this.#key.toPublic();
    return { key_id: key.getKeyID().toHex().toUpperCase(), ascii_armor: key.armor() };
  }

  /** A signature apart from what is signed, not armored. */
  async sign(content: Buffer): Promise<Buffer> {
    const message = await createMessage({ binary: new Uint8Array(content) });
    // Its type depends on one of a library that need not be there.
    const signature: unknown = await sign({
      message,
      signingKeys: this.#key,
      detached: true,
      format: 'binary',
    });
    return Buffer.from(signature as Uint8Array);
  }
}
