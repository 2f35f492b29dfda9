import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Supervisor } from '../processes/supervisor.ts';

/** Where the build sees the certificates; the Dockerfile mounts them there. */
const certificatesInBuild = '/run/secrets/certificates.pem';

const systemCertificates = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/**
 * Gives npm inside a build the registry and the certificates of npm outside it, as build secrets:
 * a company's registry or proxy works, and nothing of it gets into the image.
 *
 * @param supervisor runs npm
 * @param directory where the settings file is written
 * @returns the secrets of the build, by id
 */
export async function prepareNpmAccess(
  supervisor: Supervisor,
  directory: string,
): Promise<Record<string, string>> {
  const registry = await supervisor.run({
    name: 'npm-registry',
    command: 'npm',
    args: ['config', 'get', 'registry'],
  });
  const certificates = systemCertificates.find((file) => existsSync(file));
  const lines = [`registry=${registry.trim()}`];
  if (certificates) lines.push(`cafile=${certificatesInBuild}`);
  const npmrc = path.join(directory, 'npmrc');
  writeFileSync(npmrc, `${lines.join('\n')}\n`, { mode: 0o600 });
  return { npmrc, ...(certificates ? { certificates } : {}) };
}
