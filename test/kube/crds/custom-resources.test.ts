import { expect } from 'chai';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { ResourceType } from '../../../lib/kube/resource-types.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { API_VERSION } from '../../../crds/constants.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import { InvalidError } from '../../../lib/kube/errors.ts';
import type { CustomResourceDefinition } from '../../support/kube/install-crds.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { rejection } from '../../support/rejection.ts';

interface CustomObject extends KubeObject {
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const runSpec = {
  requestRef: { namespace: 'acme-shop', name: 'orders', uid: 'b2c5' },
  action: 'Apply',
  attempt: 1,
  classRevision: 'postgres-0123456789',
  parameters: { size: 'small', tags: { team: 'shop' }, zones: ['a', 'b'] },
  inputsDigest: 'sha256:00',
};
const classSpec = {
  title: 'Namespace',
  module: { source: './modules/namespace' },
  parameters: { type: 'object' },
};
const requestSpec = {
  className: 'postgres',
  parameters: { size: 'small' },
  requestedBy: { id: '1', name: 'ada@example.com' },
};

describe('custom resources on a real API server', () => {
  const cluster = useTestCluster();
  let namespace: string;
  let serial = 0;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
  });

  function build(type: ResourceType, name: string, spec: object): CustomObject {
    const place = type.namespaced ? { namespace } : {};
    const metadata = { name, ...place };
    return { apiVersion: API_VERSION, kind: type.kind, metadata, spec: { ...spec } };
  }

  function create(type: ResourceType, name: string, spec: object): Promise<CustomObject> {
    return cluster.client.create(type, build(type, name, spec));
  }

  function uniqueName(): string {
    serial += 1;
    return `object-${serial}`;
  }

  async function refusalOf(promise: Promise<unknown>): Promise<string> {
    const error = await rejection(promise);
    expect(error).to.be.instanceOf(InvalidError);
    return error.message;
  }

  describe('names', () => {
    const refused: [ResourceType, string, object][] = [
      [RESOURCE_REQUESTS, 'a'.repeat(41), requestSpec],
      [RESOURCE_REQUESTS, '1orders', requestSpec],
      [RESOURCE_REQUESTS, 'orders.v2', requestSpec],
      [RESOURCE_CLASSES, 'post.gres', classSpec],
      [RESOURCE_CLASSES, 'a'.repeat(64), classSpec],
    ];
    for (const [type, name, spec] of refused) {
      it(`refuse ${name} for a ${type.kind}`, async () => {
        expect(await refusalOf(create(type, name, spec))).to.contain('must be a DNS label');
      });
    }

    it('allow a request of 40 characters', async () => {
      expect(await create(RESOURCE_REQUESTS, 'a'.repeat(40), requestSpec)).to.have.property('spec');
    });
  });

  describe('a ResourceRequest', () => {
    const changes: Record<string, { change: object; message: string }> = {
      'another class': { change: { className: 'other' }, message: 'className is immutable' },
      'another requester': {
        change: { requestedBy: { id: '2', name: 'eve@example.com' } },
        message: 'requestedBy is immutable',
      },
      'no requester any more': {
        change: { requestedBy: null },
        message: 'requestedBy is immutable',
      },
    };
    for (const [what, { change, message }] of Object.entries(changes)) {
      it(`refuses ${what}`, async () => {
        const { metadata } = await create(RESOURCE_REQUESTS, 'orders', requestSpec);
        const patch = cluster.client.mergePatch(RESOURCE_REQUESTS, metadata, { spec: change });
        expect(await refusalOf(patch)).to.contain(message);
      });
    }

    it('takes other parameters, an approval, and a requester where there was none', async () => {
      const { requestedBy, ...anonymous } = requestSpec;
      const { metadata } = await create(RESOURCE_REQUESTS, 'orders', anonymous);
      const spec = { parameters: { size: 'large' }, approval: 'a.b.c', requestedBy };
      const patched = await cluster.client.mergePatch<CustomObject>(RESOURCE_REQUESTS, metadata, {
        spec,
      });
      expect(patched.spec).to.deep.equal({ ...requestSpec, ...spec });
      expect(patched.metadata.generation).to.equal(2);
    });
  });

  describe('a ResourceRun', () => {
    const changes: Record<string, object> = {
      'another attempt': { attempt: 2 },
      'another digest': { inputsDigest: 'sha256:11' },
      'a plan digest': { planDigest: 'sha256:22' },
      'another value of a parameter': { parameters: { size: 'large' } },
      'one more parameter': { parameters: { extra: true } },
      'one parameter less': { parameters: { size: null } },
      'another value deep in the parameters': { parameters: { tags: { team: 'other' } } },
      'another list in the parameters': { parameters: { zones: ['a'] } },
      'no parameters any more': { parameters: null },
    };
    for (const [what, change] of Object.entries(changes)) {
      it(`is immutable: refuses ${what}`, async () => {
        const { metadata } = await create(RESOURCE_RUNS, 'run', runSpec);
        const patch = cluster.client.mergePatch(RESOURCE_RUNS, metadata, { spec: change });
        expect(await refusalOf(patch)).to.contain('a run is immutable');
      });
    }

    it('is immutable: refuses parameters where there were none', async () => {
      const { parameters, ...without } = runSpec;
      const { metadata } = await create(RESOURCE_RUNS, 'run', without);
      const patch = { spec: { parameters } };
      expect(await refusalOf(cluster.client.mergePatch(RESOURCE_RUNS, metadata, patch))).to.contain(
        'a run is immutable',
      );
    });

    it('takes labels and status', async () => {
      const { metadata } = await create(RESOURCE_RUNS, 'run', runSpec);
      const labels = { metadata: { labels: { a: 'b' } } };
      await cluster.client.mergePatch(RESOURCE_RUNS, metadata, labels);
      const status = { status: { jobName: 'job' } };
      const subresource = 'status';
      const run = await cluster.client.mergePatch<CustomObject>(RESOURCE_RUNS, metadata, status, {
        subresource,
      });
      expect(run.spec).to.deep.equal(runSpec);
      expect(run.status).to.deep.equal({ jobName: 'job' });
    });
  });

  describe('values', () => {
    const refused: [string, ResourceType, object][] = [
      ['a run without a request', RESOURCE_RUNS, { ...runSpec, requestRef: undefined }],
      ['an unknown action', RESOURCE_RUNS, { ...runSpec, action: 'Explode' }],
      ['attempt 0', RESOURCE_RUNS, { ...runSpec, attempt: 0 }],
      ['a request without a class', RESOURCE_REQUESTS, { parameters: {} }],
      ['an unknown deletion policy', RESOURCE_REQUESTS, { ...requestSpec, deletionPolicy: 'No' }],
      [
        'an approval that is too long',
        RESOURCE_REQUESTS,
        { ...requestSpec, approval: 'a'.repeat(8193) },
      ],
      ['parameters that are no object', RESOURCE_REQUESTS, { ...requestSpec, parameters: 'small' }],
      ['a class without a title', RESOURCE_CLASSES, { ...classSpec, title: '' }],
      ['an unknown engine', RESOURCE_CLASSES, { ...classSpec, engine: 'pulumi' }],
      ['a duration without a unit', RESOURCE_CLASSES, { ...classSpec, timeouts: { plan: '10' } }],
    ];
    for (const [what, type, spec] of refused) {
      it(`refuse ${what}`, async () => {
        await refusalOf(create(type, uniqueName(), spec));
      });
    }

    it('of a class get their defaults', async () => {
      const { spec } = await create(RESOURCE_CLASSES, uniqueName(), {
        ...classSpec,
        generated: { password: {} },
      });
      expect(spec).to.deep.include({
        engine: 'opentofu',
        deletionPolicy: 'Delete',
        approval: { mode: 'Manual', onDelete: 'Automatic' },
        generated: { password: { length: 32, characters: 'alphanumeric' } },
      });
    });
  });

  describe('definitions', () => {
    const definitions: { type: ResourceType; shortName: string; columns: string[] }[] = [
      {
        type: RESOURCE_CLASSES,
        shortName: 'rclass',
        columns: ['TITLE', 'APPROVAL', 'READY', 'REQUESTS', 'AGE'],
      },
      {
        type: RESOURCE_REQUESTS,
        shortName: 'rr',
        columns: ['CLASS', 'READY', 'REASON', 'SECRET', 'AGE'],
      },
      {
        type: RESOURCE_RUNS,
        shortName: 'rrun',
        columns: ['ACTION', 'NAMESPACE', 'REQUEST', 'ATTEMPT', 'SUCCEEDED', 'REASON', 'AGE'],
      },
    ];
    for (const { type, shortName, columns } of definitions) {
      it(`of ${type.kind} are structural, with short name, columns and status apart`, async () => {
        const { spec, status } = await readDefinition(type);
        const conditions = (status?.conditions ?? []).map((one) => `${one.type}=${one.status}`);
        expect(conditions).to.include.members(['NamesAccepted=True', 'Established=True']);
        expect(conditions).not.to.include('NonStructuralSchema=True');
        expect(spec.names.shortNames).to.deep.equal([shortName]);
        const version = spec.versions[0]!;
        expect(version.subresources).to.deep.equal({ status: {} });
        const shown = (version.additionalPrinterColumns ?? []).filter((one) => !one.priority);
        expect(shown.map(({ name }) => name)).to.deep.equal(columns);
      });
    }

    it('keep status out of a create, and spec out of a status write', async () => {
      const object = build(RESOURCE_REQUESTS, 'orders', requestSpec);
      object.status = { binding: { name: 'stolen' } };
      const created = await cluster.client.create(RESOURCE_REQUESTS, object);
      expect(created.status).to.equal(undefined);
      const patch = { spec: { parameters: {} }, status: { binding: { name: 'orders' } } };
      const patched = await cluster.client.mergePatch<CustomObject>(
        RESOURCE_REQUESTS,
        object.metadata,
        patch,
        { subresource: 'status' },
      );
      expect(patched.spec).to.deep.equal(requestSpec);
      expect(patched.status).to.deep.equal({ binding: { name: 'orders' } });
    });

    it('let each manager own its own condition', async () => {
      const object = build(RESOURCE_REQUESTS, 'orders', requestSpec);
      await cluster.client.create(RESOURCE_REQUESTS, object);
      for (const type of ['Ready', 'Theirs']) {
        const condition = {
          type,
          status: 'True',
          reason: 'Yes',
          message: '',
          lastTransitionTime: new Date().toISOString(),
        };
        const applied = { ...object, spec: undefined, status: { conditions: [condition] } };
        await cluster.client.apply(RESOURCE_REQUESTS, applied, {
          fieldManager: type,
          subresource: 'status',
        });
      }
      const stored = await cluster.client.get<CustomObject>(RESOURCE_REQUESTS, object.metadata);
      expect(stored?.status?.['conditions']).to.have.length(2);
    });

    async function readDefinition({
      plural,
      group,
    }: ResourceType): Promise<CustomResourceDefinition> {
      const key = { name: `${plural}.${group}` };
      const found = await cluster.client.get<CustomResourceDefinition>(
        RESOURCE_TYPES.customResourceDefinitions,
        key,
      );
      if (!found) throw new Error(`no definition ${key.name}`);
      return found;
    }
  });
});
