import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { readEnvironment } from '../../../lib/env.ts';
import { ConfigurationError } from '../../../lib/errors.ts';

const schema = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(8080),
  DATABASE_URL: z.string().startsWith('postgres://'),
  LOG_LEVEL: z.enum(['info', 'debug']).default('info'),
});

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readEnvironment(schema, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('reading the environment', () => {
  it('lists every fault at once', () => {
    const faults = faultsOf({ PORT: '0', LOG_LEVEL: 'loud' });
    expect(faults.map((fault) => fault.split(':')[0])).to.deep.equal([
      'PORT',
      'DATABASE_URL',
      'LOG_LEVEL',
    ]);
  });

  it('never repeats a value in a fault', () => {
    expect(faultsOf({ DATABASE_URL: 'mysql://u:hunter22@h/d' }).join()).not.to.include('hunter22');
  });

  it('refuses a value given both directly and as a file', () => {
    const faults = faultsOf({ DATABASE_URL: 'postgres://h/d', DATABASE_URL_FILE: '/some/file' });
    expect(faults).to.deep.equal([
      'DATABASE_URL: set both directly and by DATABASE_URL_FILE; set one',
    ]);
  });

  it('says which file cannot be read', () => {
    expect(faultsOf({ DATABASE_URL_FILE: '/does/not/exist' })[0]).to.equal(
      'DATABASE_URL_FILE: the file cannot be read',
    );
  });

  it('reads a value from a file, without its last newline', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'quartermaster-env-')), 'url');
    writeFileSync(file, 'postgres://h/d\n');
    expect(readEnvironment(schema, { DATABASE_URL_FILE: file }).DATABASE_URL).to.equal(
      'postgres://h/d',
    );
  });

  it('takes an empty value for an absent one, applies defaults, and freezes the result', () => {
    const config = readEnvironment(schema, { DATABASE_URL: 'postgres://h/d', PORT: '' });
    expect(config).to.deep.equal({ PORT: 8080, DATABASE_URL: 'postgres://h/d', LOG_LEVEL: 'info' });
    expect(Object.isFrozen(config)).to.equal(true);
  });
});
