import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { findCondition } from '../../crds/condition.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { poll } from '../../dev/demo/poll.ts';
import { queryThroughPortForward } from '../../dev/demo/port-forward.ts';
import { playDatabase } from '../../dev/demo/steps/database.ts';
import { playNamespace } from '../../dev/demo/steps/namespace.ts';
import { playApproval, playRequest, waitForStatus } from '../../dev/demo/steps/requests.ts';
import { playTeardown } from '../../dev/demo/steps/teardown.ts';
import type { StoryRequest } from '../../dev/demo/world.ts';
import { writeServiceAccountKubeconfig } from '../../dev/kubernetes/service-account-kubeconfig.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { ForbiddenError } from '../../lib/kube/errors.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { KubeObject, Secret } from '../../lib/kube/objects.ts';
import { rejection } from '../support/rejection.ts';
import { startWorld, type TestWorld } from './world.ts';

describe('the main job, through the real kubelet', function () {
  // Each wait within has its own end, and says what it waited for.
  this.timeout(10 * 60_000);
  let test: TestWorld;

  before(async function () {
    this.timeout(20 * 60_000);
    test = await startWorld();
  });
  after(async function () {
    this.timeout(120_000);
    await test.stop();
  });

  function key(name: string): { namespace: string; name: string } {
    return { namespace: test.tenancy.namespace, name };
  }

  async function resource(name: string): Promise<ResourceRequest | undefined> {
    return test.world.kube.get<ResourceRequest>(RESOURCE_REQUESTS, key(name));
  }

  async function reasonOf(name: string, type: string): Promise<string | undefined> {
    return findCondition((await resource(name))?.status?.conditions, type)?.reason;
  }

  async function waitForReason(name: string, type: string, reason: string): Promise<void> {
    await poll(
      async () => {
        const seen = await reasonOf(name, type);
        return seen === reason ? { done: undefined } : { seen: seen ?? 'no condition' };
      },
      { what: `${type} with ${reason}`, timeoutSeconds: 60, signal: test.world.signal },
    );
  }

  /** The runs that do something; a plan only says what would be done. */
  async function deedsFor(name: string): Promise<ResourceRun[]> {
    const runs = await test.world.kube.list<ResourceRun>(RESOURCE_RUNS, {
      namespace: 'quartermaster-runs',
    });
    return runs.filter(
      ({ spec }) =>
        spec.action !== 'Plan' &&
        spec.requestRef.name === name &&
        spec.requestRef.namespace === test.tenancy.namespace,
    );
  }

  /** What the Secret of a request says now. */
  async function readCredentials(name: string): Promise<Record<string, string>> {
    const secretName = (await resource(name))?.status?.binding?.name ?? '';
    const secret = await test.world.kube.get<Secret>(RESOURCE_TYPES.secrets, key(secretName));
    const entries = Object.entries(secret?.data ?? {});
    return Object.fromEntries(
      entries.map(([field, value]) => [field, Buffer.from(value, 'base64').toString()]),
    );
  }

  /** With what code a database refuses somebody with these credentials, who wants to make a table. */
  async function refusalOf(credentials: Record<string, string>): Promise<string | undefined> {
    const { world, tenancy } = test;
    const query = queryThroughPortForward(world, tenancy.namespace, credentials);
    return ((await rejection(query)) as { code?: string }).code;
  }

  async function provision(className: string, name: string): Promise<StoryRequest> {
    const request = await playRequest(test.world, test.tenancy, {
      class_name: className,
      name,
      parameters: {},
    });
    await playApproval(test.world, test.tenancy.approver, request);
    return request;
  }

  /** Applies a resource with kubectl, as a tenant would, or somebody with more rights. */
  async function applyByHand(
    name: string,
    spec: Record<string, unknown>,
    client = test.world.kube,
  ): Promise<void> {
    await client.apply(
      RESOURCE_REQUESTS,
      {
        apiVersion: 'quartermaster.dev/v1alpha1',
        kind: 'ResourceRequest',
        metadata: key(name),
        spec,
      } as KubeObject,
      { fieldManager: 'kubectl', force: true },
    );
  }

  it('gives a postgres database whose credentials open it, and removes every trace on delete', async () => {
    const request = await provision('postgres', 'orders');
    await playDatabase(test.world, test.tenancy, request);
    await playTeardown(test.world, test.tenancy, [request]);
  });

  it('lets only the new password into a database once it was rotated by the annotation', async () => {
    const request = await provision('postgres', 'rotated');
    await playDatabase(test.world, test.tenancy, request);
    const old = await readCredentials('rotated');
    await test.world.kube.mergePatch(RESOURCE_REQUESTS, key('rotated'), {
      metadata: { annotations: { 'quartermaster.dev/rotate-at': 'now' } },
    });
    const renewed = await poll(
      async () => {
        const now = await readCredentials('rotated');
        return now['password'] === old['password'] ? { seen: 'the old password' } : { done: now };
      },
      { what: 'a new password', timeoutSeconds: 180, signal: test.world.signal },
    );
    await waitForReason('rotated', 'Ready', 'Available');
    // The table of the first visit is still there: the data stayed, and the new password was taken.
    expect(await refusalOf(renewed)).to.equal('42P07');
    expect(await refusalOf(old)).to.equal('28P01');
    await playTeardown(test.world, test.tenancy, [request]);
  });

  describe('with a namespace that was approved and is ready', () => {
    let request: StoryRequest;
    let secretName: string;

    before(async () => {
      request = await provision('namespace', 'preview');
      await playNamespace(test.world, test.tenancy, request);
      const status = (await resource('preview'))?.status;
      expect(status?.binding?.name).to.be.a('string');
      secretName = status!.binding!.name;
    });

    it('changes nothing when its parameters are edited by kubectl, until that is approved', async () => {
      const before = await deedsFor('preview');
      const applied = (await resource('preview'))?.status?.applied;
      await test.world.kube.mergePatch(RESOURCE_REQUESTS, key('preview'), {
        spec: { parameters: { pods: 99 } },
      });
      await waitForReason('preview', 'Approved', 'ApprovalOutdated');
      expect((await deedsFor('preview')).map((run) => run.metadata.name)).to.deep.equal(
        before.map((run) => run.metadata.name),
      );
      expect((await resource('preview'))?.status?.applied).to.deep.equal(applied);
    });

    it('repairs its credentials Secret when somebody edits it', async () => {
      const original = await test.world.kube.get<Secret>(RESOURCE_TYPES.secrets, key(secretName));
      const field = Object.keys(original?.data ?? {})[0]!;
      await test.world.kube.mergePatch(RESOURCE_TYPES.secrets, key(secretName), {
        data: { [field]: Buffer.from('edited').toString('base64'), added: 'eA==' },
      });
      await poll(
        async () => {
          const now = await test.world.kube.get<Secret>(RESOURCE_TYPES.secrets, key(secretName));
          const same = JSON.stringify(now?.data) === JSON.stringify(original?.data);
          return same ? { done: undefined } : { seen: 'the edited Secret' };
        },
        { what: 'the repair of the Secret', timeoutSeconds: 30, signal: test.world.signal },
      );
    });

    it('makes its credentials Secret again when somebody deletes it', async () => {
      await test.world.kube.delete(RESOURCE_TYPES.secrets, key(secretName));
      await poll(
        async () =>
          (await test.world.kube.get(RESOURCE_TYPES.secrets, key(secretName)))
            ? { done: undefined }
            : { seen: 'no Secret' },
        { what: 'the return of the Secret', timeoutSeconds: 30, signal: test.world.signal },
      );
    });
  });

  describe('an approval that nobody gave', () => {
    let directory: string;
    let api: KubeClient;

    before('take the token of the api, whose account alone may write approvals', async () => {
      directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-'));
      const kubeconfig = path.join(directory, 'kubeconfig');
      const account = { namespace: 'quartermaster-system', serviceAccount: 'quartermaster-api' };
      await writeServiceAccountKubeconfig(test.world.stage, account, kubeconfig);
      api = createKubeClient({ kubeconfig });
    });
    after(async () => {
      await api.close();
      rmSync(directory, { recursive: true });
    });

    it('does not even get in where somebody else brings it', async () => {
      const spec = { className: 'namespace', parameters: {}, approval: 'a.b.c' };
      expect(await rejection(applyByHand('brought', spec))).to.be.instanceOf(ForbiddenError);
    });

    it('is refused when it was made by hand and got in', async () => {
      const payload = { iss: 'quartermaster', sub: 'me', jti: 'mine', exp: 9_999_999_999 };
      const forged = [{ alg: 'EdDSA', typ: 'quartermaster-approval+jwt' }, payload, {}]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const spec = { className: 'namespace', parameters: {}, approval: forged };
      await applyByHand('forged', spec, api);
      await waitForReason('forged', 'Approved', 'ApprovalInvalid');
      expect(await deedsFor('forged')).to.deep.equal([]);
    });

    it('is refused when it was copied from another request and got in', async () => {
      const request = await provision('namespace', 'original');
      await waitForStatus(test.world, test.tenancy.developer, request, 'ready');
      const approval = (await resource('original'))?.spec.approval;
      await applyByHand('copy', { className: 'namespace', parameters: {}, approval }, api);
      await waitForReason('copy', 'Approved', 'ApprovalInvalid');
      expect(await deedsFor('copy')).to.deep.equal([]);
    });

    it('is waited for by a resource that came without one, which goes away when it is deleted', async () => {
      await applyByHand('waiting', { className: 'namespace', parameters: {} });
      await waitForReason('waiting', 'Ready', 'AwaitingApproval');
      expect(await deedsFor('waiting')).to.deep.equal([]);
      await test.world.kube.delete(RESOURCE_REQUESTS, key('waiting'));
      await poll(
        async () => ((await resource('waiting')) ? { seen: 'still there' } : { done: undefined }),
        { what: 'the end of the resource', timeoutSeconds: 30, signal: test.world.signal },
      );
    });
  });

  it('leaves a foreign Secret of the name alone and says so in a condition', async () => {
    const name = 'foreign-credentials';
    await test.world.kube.create(RESOURCE_TYPES.secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: key(name),
      stringData: { mine: 'untouched' },
    } as KubeObject);
    await provision('namespace', 'foreign');
    await waitForReason('foreign', 'CredentialsReady', 'CredentialsConflict');
    const secret = await test.world.kube.get<Secret>(RESOURCE_TYPES.secrets, key(name));
    expect(secret?.data).to.deep.equal({ mine: Buffer.from('untouched').toString('base64') });
  });
});
