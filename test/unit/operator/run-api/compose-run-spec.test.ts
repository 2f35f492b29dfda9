import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import type { RunAction } from '../../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { compileParametersSchema } from '../../../../operator/class/parameters-schema.ts';
import {
  composeRunSpec,
  type RunIngredients,
} from '../../../../operator/run-api/compose-run-spec.ts';
import { InvalidRunInputsError } from '../../../../operator/run-api/errors.ts';

const classSpec = resourceClassSpecSchema.parse({
  title: 'Database',
  module: { source: '/opt/modules/database' },
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { size: { type: 'string', enum: ['small', 'large'], default: 'small' } },
  },
  variables: {
    name: '${request.namespace}-${request.name}',
    uid: '${request.uid}',
    tags: { owner: '${organization.slug}', list: ['${project.slug}', 7, null] },
  },
  generated: { password: {} },
  outputs: { credentials: ['host', { from: 'secret', as: 'password' }], public: ['host'] },
  timeouts: { apply: '90s' },
});

function buildRun(action: RunAction, parameters?: Record<string, unknown>): ResourceRun {
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRun',
    metadata: { name: 'run-1' },
    spec: {
      requestRef: { namespace: 'acme-shop', name: 'orders', uid: 'u-1' },
      action,
      attempt: 1,
      classRevision: 'database-1',
      parameters,
      inputsDigest: 'd',
    },
  };
}

function compose(change: Partial<RunIngredients> = {}) {
  return composeRunSpec({
    run: buildRun('Apply'),
    approvedClass: { spec: classSpec, validate: compileParametersSchema(classSpec.parameters) },
    identity: 'u-0',
    project: { organization: 'acme', project: 'shop' },
    generated: { values: { password: 'made by us' }, known: ['made by us', 'made before'] },
    outputs: undefined,
    ...change,
  });
}

describe('What a runner is told', () => {
  it('is refused when the parameters do not fit the class, and says which', () => {
    const run = buildRun('Apply', { size: 'huge', extra: true });
    expect(() => compose({ run })).to.throw(
      InvalidRunInputsError,
      /\/extra .*\/size|\/size .*\/extra/,
    );
  });

  it('is refused when the namespace is not a project and the class needs one', () => {
    const project = { organization: undefined, project: undefined };
    expect(() => compose({ project })).to.throw(
      InvalidRunInputsError,
      /project\.slug|organization/,
    );
  });

  it('goes on with parameters that no longer fit when it destroys', () => {
    const { variables } = compose({ run: buildRun('Destroy', { size: 'huge' }) });
    expect(variables['size']).to.equal('huge');
  });

  it('has defaults, placeholders at any depth and generated values filled in', () => {
    expect(compose().variables).to.deep.equal({
      name: 'acme-shop-orders',
      uid: 'u-0',
      tags: { owner: 'acme', list: ['shop', 7, null] },
      size: 'small',
      password: 'made by us',
    });
  });

  it('names the secret variables, and every text that no log may show', () => {
    const outputs = { values: { host: 'db', secret: { a: 'old one' } }, sensitive: ['secret'] };
    const spec = compose({ outputs });
    expect(spec.sensitiveVariables).to.deep.equal(['password']);
    expect(spec.masks).to.deep.equal(['made by us', 'made before', 'old one']);
  });

  it('names each output that the class uses once, by its name in the module', () => {
    expect(compose().outputs).to.deep.equal(['host', 'secret']);
  });

  it('has the timeouts of the class, and defaults for those that it does not set', () => {
    expect(compose().timeouts).to.deep.equal({
      planSeconds: 600,
      applySeconds: 90,
      destroySeconds: 3600,
    });
  });
});
