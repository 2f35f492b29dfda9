import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { describeSettings } from '../../dev/chart/describe-settings.ts';
import { checkoutDirectory } from '../../dev/paths.ts';

interface Service {
  image: string;
  environment: Record<string, string>;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  ports?: string[];
}

function readText(...parts: string[]): string {
  return readFileSync(path.join(checkoutDirectory, ...parts), 'utf8');
}

describe('the compose file', () => {
  const { services } = parse(readText('docker-compose.yml'), { merge: true }) as {
    services: Record<string, Service>;
  };
  const programs = Object.entries(services).filter(([, { image }]) => image.includes('QM_IMAGE'));

  it('runs the programs of the image without rights, on a file system that they cannot change', () => {
    expect(programs.map(([name]) => name)).to.deep.equal(['logins', 'migrations', 'api']);
    for (const [name, service] of programs) {
      expect(service.read_only, name).to.equal(true);
      expect(service.cap_drop, name).to.deep.equal(['ALL']);
      expect(service.security_opt, name).to.deep.equal(['no-new-privileges:true']);
    }
  });

  it('lets only this machine reach the api, and nobody the database', () => {
    const ports = Object.entries(services).flatMap(([name, service]) =>
      (service.ports ?? []).map((port) => `${name} ${port}`),
    );
    expect(ports).to.deep.equal(['api 127.0.0.1:${QM_PORT:-8080}:8080']);
  });

  it('sets no variable that the api does not know, and connects no Kubernetes', () => {
    const known = describeSettings(readText('api', 'config.ts')).map(({ name }) => name);
    const { environment } = services['api'] ?? { environment: {} };
    expect(known).to.include.members(Object.keys(environment));
    expect(environment).to.include({ KUBERNETES: 'disabled' });
  });
});
