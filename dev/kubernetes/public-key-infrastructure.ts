import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomically } from '../processes/write-file.ts';
import type { CertificateSubject, KeyPair } from './certificates.ts';
import { createAuthority, createSigningKey, issueCertificate } from './certificates.ts';

/** Paths of a certificate and its key. */
export interface KeyPairFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/**
 * The certificates of one cluster, as files in one folder. The authority and the key of the service
 * accounts are kept as long as the cluster's data; everything else is issued anew at each start.
 */
export class PublicKeyInfrastructure {
  readonly directory: string;
  readonly authority: KeyPair;

  private constructor(directory: string, authority: KeyPair) {
    this.directory = directory;
    this.authority = authority;
  }

  /** Opens the folder, making authority and service account key if it has none. */
  static async open(directory: string): Promise<PublicKeyInfrastructure> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const certificateFile = path.join(directory, 'ca.crt');
    const keyFile = path.join(directory, 'ca.key');
    if (!existsSync(certificateFile)) {
      const signing = await createSigningKey();
      writeFileAtomically(path.join(directory, 'service-account.key'), signing.privateKey);
      writeFileAtomically(path.join(directory, 'service-account.pub'), signing.publicKey);
      const made = await createAuthority('quartermaster-local');
      writeFileAtomically(keyFile, made.key);
      writeFileAtomically(certificateFile, made.certificate);
    }
    return new PublicKeyInfrastructure(directory, {
      certificate: readFileSync(certificateFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
    });
  }

  /** Path of the authority's certificate. */
  get authorityFile(): string {
    return path.join(this.directory, 'ca.crt');
  }

  /** Path of the authority's key; the controller manager signs with it. */
  get authorityKeyFile(): string {
    return path.join(this.directory, 'ca.key');
  }

  /** Paths of the key that signs service account tokens and of the one that proves them. */
  get serviceAccountKeyFiles(): { readonly signing: string; readonly verifying: string } {
    const file = (name: string): string => path.join(this.directory, name);
    return { signing: file('service-account.key'), verifying: file('service-account.pub') };
  }

  /** Issues a certificate. */
  issue(subject: CertificateSubject): Promise<KeyPair> {
    return issueCertificate(this.authority, subject);
  }

  /** Issues a certificate into files of this folder. */
  async issueFiles(name: string, subject: CertificateSubject): Promise<KeyPairFiles> {
    const pair = await this.issue(subject);
    const certificateFile = path.join(this.directory, `${name}.crt`);
    const keyFile = path.join(this.directory, `${name}.key`);
    writeFileSync(certificateFile, pair.certificate, { mode: 0o600 });
    writeFileSync(keyFile, pair.key, { mode: 0o600 });
    return { certificateFile, keyFile };
  }
}
