import { randomBytes } from 'node:crypto';
import type { Canary } from './canary-search.ts';

/** Secrets that a test plants; new ones each time. */
export interface PlantedSecrets {
  /** The credentials of the provider, as two Secrets hold them. */
  provider: [Record<string, string>, Record<string, string>];
  /** A sensitive value of the module itself. */
  license: string;
  canaries: Canary[];
}

/** Makes values that are awkward in JSON, in URLs and over several lines. */
export function plantSecrets(): PlantedSecrets {
  const clientSecret = random('client');
  const urlPassword = random('url');
  const provider: PlantedSecrets['provider'] = [
    {
      PROVIDER_PASSWORD: `${random('password')}"<&>\\ %+`,
      PROVIDER_SECRET_ACCESS_KEY: random('key'),
      PROVIDER_PRIVATE_KEY: privateKey(),
      // Its name says nothing.
      PROVIDER_DSN: `server=db;user=app;pwd=${random('dsn')}`,
    },
    {
      PROVIDER_API_TOKEN: random('token'),
      PROVIDER_URL: `https://app:${urlPassword}@db.local/app`,
      PROVIDER_ACCOUNT: JSON.stringify({ type: 'account', client_secret: clientSecret }, null, 2),
    },
  ];
  const license = random('license');
  const values = Object.entries({ ...provider[0], ...provider[1] });
  return {
    provider,
    license,
    canaries: [
      ...values.map(([name, value]) => ({ name, value })),
      { name: 'client secret in PROVIDER_ACCOUNT', value: clientSecret },
      { name: 'password in PROVIDER_URL', value: urlPassword },
      { name: 'license of the module', value: license },
    ],
  };
}

function random(name: string): string {
  return `canary-${name}-${randomBytes(12).toString('hex')}`;
}

function privateKey(): string {
  const lines = Array.from({ length: 3 }, () => randomBytes(36).toString('base64'));
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
}
