import { expect } from 'chai';
import { InvalidModuleInputError } from '../../../../operator/terraform/errors.ts';
import { buildRootModule } from '../../../../operator/terraform/root-module.ts';

describe('The root module of a run', () => {
  const module = { source: '/opt/quartermaster/catalog/modules/postgres' };

  const names = ['source', 'count', 'providers', 'with space', '1st', 'a.b', '${x}', ''];
  for (const name of names) {
    it(`refuses an input called "${name}"`, () => {
      const build = (): string =>
        buildRootModule({ module, variables: { [name]: 1 }, sensitiveVariables: [] });
      expect(build).to.throw(InvalidModuleInputError);
    });
  }

  it('never contains the value of a variable', () => {
    const variables = { password: 'correct horse', size: 'small' };
    const text = buildRootModule({ module, variables, sensitiveVariables: ['password'] });
    expect(text).not.to.contain('correct horse').and.not.to.contain('small');
  });

  it('hands every variable to the module, and marks the secret ones', () => {
    const variables = { size: 'small', password: 'x' };
    const text = buildRootModule({ module, variables, sensitiveVariables: ['password'] });
    const root = JSON.parse(text) as Record<string, unknown>;
    expect(root['variable']).to.deep.equal({
      password: { sensitive: true },
      size: { sensitive: false },
    });
    expect(root['module']).to.deep.equal({
      resource: { source: module.source, password: '${var.password}', size: '${var.size}' },
    });
    expect(root['terraform']).to.deep.equal({ backend: { http: {} } });
  });

  it('is the same text whatever the order of the variables', () => {
    const one = buildRootModule({ module, variables: { a: 1, b: 2 }, sensitiveVariables: [] });
    const other = buildRootModule({ module, variables: { b: 2, a: 1 }, sensitiveVariables: [] });
    expect(one).to.equal(other);
  });

  it('takes a source literally, also when it looks like a template', () => {
    const source = 'git::https://example.org/a.git?ref=${x}%{y}';
    const text = buildRootModule({ module: { source }, variables: {}, sensitiveVariables: [] });
    expect(text).to.contain('ref=$${x}%%{y}');
  });

  it('pins the version of a registry module', () => {
    const pinned = { source: 'hashicorp/vpc/aws', version: '1.2.3' };
    const text = buildRootModule({ module: pinned, variables: {}, sensitiveVariables: [] });
    expect(text).to.contain('"version": "1.2.3"');
  });
});
