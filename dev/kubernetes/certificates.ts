import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const yearMs = 365 * 24 * 3600 * 1000;

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Who a certificate is for. */
export interface CertificateSubject {
  readonly commonName: string;
  /** What Kubernetes reads as a group. */
  readonly organization?: string;
  /** Names and addresses under which a server is reached; a certificate without them is a client's only. */
  readonly hosts?: readonly string[];
}

/**
 * Makes a certificate authority for ten years.
 *
 * @param commonName its name
 */
export async function createAuthority(commonName: string): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: [commonName] }],
    ...validity(10),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toKeyPair(certificate, keys);
}

/**
 * Issues a certificate for one year.
 *
 * @param authority what signs it
 * @param subject who it is for; with `hosts` it serves as a server certificate too
 */
export async function issueCertificate(
  authority: KeyPair,
  subject: CertificateSubject,
): Promise<KeyPair> {
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: subjectName(subject),
    issuer: issuer.subjectName,
    ...validity(1),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: await leafExtensions(subject, issuer),
  });
  return toKeyPair(certificate, keys);
}

/** A key pair for signing service account tokens: private key and public key in PEM. */
export async function createSigningKey(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await generateKeys();
  return {
    privateKey: await exportKey(keys.privateKey),
    publicKey: await exportKey(keys.publicKey),
  };
}

async function leafExtensions(
  subject: CertificateSubject,
  issuer: x509.X509Certificate,
): Promise<x509.Extension[]> {
  const hosts = subject.hosts ?? [];
  const usages = [x509.ExtendedKeyUsage.clientAuth];
  if (hosts.length > 0) usages.push(x509.ExtendedKeyUsage.serverAuth);
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usages),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
  ];
  if (hosts.length > 0) {
    extensions.push(new x509.SubjectAlternativeNameExtension(alternatives(hosts)));
  }
  return extensions;
}

function alternatives(hosts: readonly string[]): x509.JsonGeneralNames {
  return hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
}

function subjectName(subject: CertificateSubject): x509.JsonName {
  return subject.organization === undefined
    ? [{ CN: [subject.commonName] }]
    : [{ O: [subject.organization] }, { CN: [subject.commonName] }];
}

function validity(years: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  // An hour back, for clocks that differ a little.
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + years * yearMs) };
}

function randomSerial(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), algorithm, false, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const isPrivate = key.type === 'private';
  const der = await webcrypto.subtle.exportKey(isPrivate ? 'pkcs8' : 'spki', key);
  return `${x509.PemConverter.encode(der, isPrivate ? 'PRIVATE KEY' : 'PUBLIC KEY')}\n`;
}

async function toKeyPair(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<KeyPair> {
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}
