import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import {
  AlreadyExistsError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
} from '../../../lib/kube/errors.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import type { ConfigMap, KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { rejection } from '../../support/rejection.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

const { configMaps, namespaces } = RESOURCE_TYPES;

function buildConfigMap(namespace: string, name: string, data = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}

describe('KubeClient on a real API server', () => {
  const cluster = useTestCluster();
  let namespace: string;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
  });

  it('refuses to create what exists with an AlreadyExistsError', async () => {
    await cluster.client.create(configMaps, buildConfigMap(namespace, 'one'));
    const error = await rejection(
      cluster.client.create(configMaps, buildConfigMap(namespace, 'one')),
    );
    expect(error).to.be.instanceOf(AlreadyExistsError);
    expect(error.message).to.contain('configmaps "one" already exists');
  });

  it('refuses a stale replace with a ConflictError', async () => {
    const first = await cluster.client.create(configMaps, buildConfigMap(namespace, 'one'));
    await cluster.client.replace(configMaps, { ...first, data: { a: '1' } });
    const error = await rejection(
      cluster.client.replace(configMaps, { ...first, data: { a: '2' } }),
    );
    expect(error).to.be.instanceOf(ConflictError);
  });

  it('refuses a merge patch whose resourceVersion is stale, or whose object is gone', async () => {
    const { metadata } = await cluster.client.create(configMaps, buildConfigMap(namespace, 'one'));
    const patch = (resourceVersion?: string): object => ({
      metadata: { resourceVersion },
      data: { a: '1' },
    });
    const patched = await cluster.client.mergePatch<ConfigMap>(configMaps, metadata, patch());
    expect(patched.data).to.deep.equal({ a: '1' });
    const stale = patch(metadata.resourceVersion);
    expect(
      await rejection(cluster.client.mergePatch(configMaps, metadata, stale)),
    ).to.be.instanceOf(ConflictError);
    expect(
      await rejection(cluster.client.mergePatch(configMaps, { namespace, name: 'none' }, patch())),
    ).to.be.instanceOf(NotFoundError);
  });

  it('says what is wrong with an invalid object in the words of the API server', async () => {
    const error = await rejection(
      cluster.client.create(configMaps, buildConfigMap(namespace, 'Not_A_Name')),
    );
    expect(error).to.be.instanceOf(InvalidError);
    expect(error.message).to.match(/^POST .*: 422 Invalid: ConfigMap "Not_A_Name" is invalid/);
    expect((error as InvalidError).causes[0]?.field).to.equal('metadata.name');
  });

  it('gives undefined for an object, a namespace or a kind that does not exist', async () => {
    const unknown = { ...configMaps, group: 'nobody.example', plural: 'things' };
    expect(await cluster.client.get(configMaps, { namespace, name: 'none' })).to.equal(undefined);
    expect(await cluster.client.get(unknown, { namespace, name: 'none' })).to.equal(undefined);
  });

  it('refuses to take over fields of another manager unless forced', async () => {
    const object = buildConfigMap(namespace, 'one', { a: '1', theirs: 'x' });
    await cluster.client.apply(configMaps, object, { fieldManager: 'them' });
    const ours = buildConfigMap(namespace, 'one', { a: '2' });
    const error = await rejection(cluster.client.apply(configMaps, ours, { fieldManager: 'us' }));
    expect(error).to.be.instanceOf(ConflictError);
    const options = { fieldManager: 'us', force: true };
    const applied = await cluster.client.apply<ConfigMap>(configMaps, ours, options);
    expect(applied.data).to.deep.equal({ a: '2', theirs: 'x' });
  });

  it('deletes once, and only what the preconditions describe', async () => {
    const { metadata } = await cluster.client.create(configMaps, buildConfigMap(namespace, 'one'));
    expect(
      await rejection(cluster.client.delete(configMaps, metadata, { uid: 'another' })),
    ).to.be.instanceOf(ConflictError);
    expect(await cluster.client.delete(configMaps, metadata, { uid: metadata.uid })).to.equal(true);
    expect(await cluster.client.delete(configMaps, metadata)).to.equal(false);
  });

  it('lists more than one page, by label, with apiVersion and kind on every item', async () => {
    const names = Array.from({ length: 501 }, (_, index) => `map-${index}`);
    await Promise.all(
      names.map((name) => {
        const object = buildConfigMap(namespace, name);
        object.metadata.labels = { odd: String(Number(name.slice(4)) % 2) };
        return cluster.client.create(configMaps, object);
      }),
    );
    const all = await cluster.client.list<ConfigMap>(configMaps, { namespace });
    expect(all.map(({ metadata }) => metadata.name)).to.have.members(names);
    expect(all.every(({ kind, apiVersion }) => `${apiVersion} ${kind}` === 'v1 ConfigMap')).to.be
      .true;
    const odd = await cluster.client.list(configMaps, { namespace, labelSelector: 'odd=1' });
    expect(odd).to.have.length(250);
    const one = await cluster.client.list(configMaps, {
      namespace,
      fieldSelector: 'metadata.name=map-7',
    });
    expect(one).to.have.length(1);
  });

  it('writes status apart from spec', async () => {
    const request = {
      apiVersion: 'quartermaster.dev/v1alpha1',
      kind: 'ResourceRequest',
      metadata: { namespace, name: 'orders' },
    };
    await cluster.client.create(RESOURCE_REQUESTS, { ...request, spec: { className: 'a' } });
    const options = { fieldManager: 'quartermaster-operator', subresource: 'status' } as const;
    const status = { ...request, status: { binding: { name: 'orders-db' } } };
    const stored = await cluster.client.apply<KubeObject & { spec?: unknown; status?: unknown }>(
      RESOURCE_REQUESTS,
      status,
      options,
    );
    expect(stored.spec).to.deep.equal({ className: 'a' });
    expect(stored.status).to.deep.equal({ binding: { name: 'orders-db' } });
  });

  it('answers its version', async () => {
    expect(await cluster.client.serverVersion()).to.match(/^v1\.\d+/);
  });

  it('tells somebody without rights that it is forbidden', async () => {
    const kubeconfig = await cluster.controlPlane.writeKubeconfig('nobody', 'nobody');
    const nobody = createKubeClient({ kubeconfig });
    expect(await rejection(nobody.list(namespaces))).to.be.instanceOf(ForbiddenError);
    await nobody.close();
  });

  it('makes few connections for many calls', async () => {
    const connections = new Set<unknown>();
    const onConnected = (message: unknown): void => {
      connections.add((message as { socket: unknown }).socket);
    };
    subscribe('undici:client:connected', onConnected);
    await Promise.all(
      Array.from({ length: 1000 }, () => cluster.client.get(namespaces, { name: namespace })),
    );
    unsubscribe('undici:client:connected', onConnected);
    expect(connections.size).to.be.at.most(50);
  });
});
