import { expect } from 'chai';
import { checkClass } from '../../../../operator/class/check-class.ts';
import { formatFaults } from '../../../../operator/class/fault.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const base = {
  title: 'Database',
  module: { source: './modules/database' },
  parameters: { type: 'object', properties: { size: { type: 'integer' } } },
};

function faultsOf(changes: object): string {
  const verdict = checkClass({ ...base, ...changes });
  return verdict.valid ? '' : formatFaults(verdict.faults);
}

describe('a class', () => {
  const refused: Record<string, [object, string]> = {
    'whose parameters are no object': [{ parameters: { type: 'array' } }, '/spec/parameters/type'],
    'whose parameters are no JSON Schema': [
      { parameters: { type: 'object', properties: { a: { type: 'number', minimum: 'x' } } } },
      '/spec/parameters is no JSON Schema',
    ],
    'of an older JSON Schema': [
      { parameters: { type: 'object', $schema: 'http://json-schema.org/draft-07/schema#' } },
      '/spec/parameters/$schema',
    ],
    'that takes a secret as parameter': [
      { parameters: { type: 'object', properties: { key: { type: 'string', writeOnly: true } } } },
      '/spec/parameters/properties/key/writeOnly',
    ],
    'whose git module names a branch': [
      { module: { source: 'git::https://example.com/m.git?ref=main' } },
      'must name a commit',
    ],
    'whose git module names nothing': [
      { module: { source: 'github.com/example/m' } },
      'must name a commit',
    ],
    'whose registry module has a range': [
      { module: { source: 'terraform-aws-modules/s3-bucket/aws', version: '~> 4.0' } },
      '/spec/module/version',
    ],
    'whose registry module has no version': [
      { module: { source: 'terraform-aws-modules/s3-bucket/aws' } },
      '/spec/module/version',
    ],
    'whose module comes from an archive': [
      { module: { source: 'https://example.com/m.zip' } },
      '/spec/module/source',
    ],
    'whose module address has a password': [
      { module: { source: `git::https://me:secret@example.com/m.git?ref=${commit}` } },
      'must not contain a password',
    ],
    'that looks for drift on end': [
      { drift: { interval: '5s' } },
      '/spec/drift/interval must be between 10s and 365d',
    ],
    'that never looks for drift': [{ drift: { interval: '9999d' } }, '/spec/drift/interval'],
    'that sets an input twice': [{ variables: { size: 1 } }, '/spec/variables/size'],
    'that generates what a requester sets': [{ generated: { size: {} } }, '/spec/generated/size'],
    'with an unknown placeholder': [
      { variables: { a: ['${request.password}'] } },
      '/spec/variables/a/0',
    ],
    'with a key that no Secret can have': [
      { outputs: { credentials: [{ from: 'a', as: 'a b' }] } },
      '/spec/outputs/credentials/0',
    ],
    'with a key that the platform writes': [
      { outputs: { credentials: ['type'] } },
      'is written by the platform',
    ],
    'with the same key twice': [
      { outputs: { credentials: ['a', { from: 'b', as: 'a' }] } },
      '/spec/outputs/credentials/1',
    ],
    'with a binding and nothing to bind': [{ binding: { type: 'postgresql' } }, '/spec/binding'],
    'with an output of another form': [
      { outputs: { credentials: [{ from: 'a' }] } },
      '/spec/outputs/credentials/0',
    ],
  };
  for (const [title, [changes, expected]] of Object.entries(refused)) {
    it(`${title} is refused`, () => expect(faultsOf(changes)).to.include(expected));
  }

  it('never repeats a password that it was given', () => {
    const source = 'git::https://me:hunter2@example.com/m.git';
    expect(faultsOf({ module: { source } })).not.to.include('hunter2');
  });

  const accepted: Record<string, object> = {
    'with a module in the image': {},
    'with git at a commit': {
      module: { source: `git::https://example.com/m.git//sub?ref=${commit}&depth=1` },
    },
    'with an exact registry module': {
      module: { source: 'registry.example.com/team/db/aws//sub', version: '1.2.3' },
    },
    'with known placeholders': {
      variables: { name: '${organization.slug}-${project.slug}-${request.name}' },
    },
    'with a binding and its keys': {
      binding: { type: 'postgresql' },
      outputs: { credentials: ['uri'] },
    },
  };
  for (const [title, changes] of Object.entries(accepted)) {
    it(`${title} is accepted`, () => expect(faultsOf(changes)).to.equal(''));
  }
});
