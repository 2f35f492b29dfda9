import { expect } from 'chai';
import { classDigest, inputsDigest, type Inputs } from '../../../crds/approval.ts';
import { resourceClassSpecSchema } from '../../../crds/resource-class.ts';

const spec = {
  title: 'Bucket',
  module: { source: '/modules/bucket' },
  parameters: { type: 'object' },
  variables: { a: 1, b: 2 },
};

function digestOf(changes: Record<string, unknown>): string {
  return classDigest(resourceClassSpecSchema.parse({ ...spec, ...changes }));
}

const inputs: Inputs = {
  classDigest: 'sha256:c',
  namespace: 'acme-shop',
  name: 'orders',
  parameters: { size: 1 },
  deletionPolicy: undefined,
};

describe('the digest of a class', () => {
  const same: Record<string, Record<string, unknown>> = {
    'its title': { title: 'Other' },
    'its description': { description: 'more words' },
    'its rule for drift': { drift: { interval: '1h', action: 'Reapply' } },
    'its price': { cost: { monthly: 1, currency: 'EUR' } },
    'the order of its keys': { variables: { b: 2, a: 1 } },
    'a default that is written out': { deletionPolicy: 'Delete', engine: 'opentofu' },
  };
  for (const [title, changes] of Object.entries(same)) {
    it(`does not depend on ${title}`, () => {
      expect(digestOf(changes)).to.equal(digestOf({}));
    });
  }

  const different: Record<string, Record<string, unknown>> = {
    'its module': { module: { source: '/modules/other' } },
    'its variables': { variables: { a: 2, b: 2 } },
    'its parameters': { parameters: { type: 'object', required: ['x'] } },
    'its service account': { runner: { serviceAccountName: 'powerful' } },
  };
  for (const [title, changes] of Object.entries(different)) {
    it(`changes with ${title}`, () => {
      expect(digestOf(changes)).not.to.equal(digestOf({}));
    });
  }
});

describe('the digest of inputs', () => {
  const different: Record<string, Partial<Inputs>> = {
    'the class': { classDigest: 'sha256:d' },
    'the namespace': { namespace: 'acme-other' },
    'the name': { name: 'orders2' },
    'a parameter': { parameters: { size: 2 } },
    'the deletion policy': { deletionPolicy: 'Retain' },
  };
  for (const [title, changes] of Object.entries(different)) {
    it(`changes with ${title}`, () => {
      expect(inputsDigest({ ...inputs, ...changes })).not.to.equal(inputsDigest(inputs));
    });
  }

  it('is the same for absent and for empty parameters', () => {
    expect(inputsDigest({ ...inputs, parameters: undefined })).to.equal(
      inputsDigest({ ...inputs, parameters: {} }),
    );
  });
});
