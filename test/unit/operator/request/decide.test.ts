import { expect } from 'chai';
import { inputsDigest } from '../../../../crds/approval.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import {
  applied,
  buildApproval,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  digestOf,
  NOW,
} from '../../../support/operator/request-builder.ts';

const deleting = { deletionTimestamp: NOW.toISOString() };
const asked = { annotations: { 'quartermaster.dev/reconcile-at': 'now' } };
const paused = { annotations: { 'quartermaster.dev/paused': 'true' } };
const guarded = { annotations: { 'quartermaster.dev/deletion-protection': 'true' } };
const failure = { type: 'Configuration' as const, message: 'no' };
const past = new Date(NOW.getTime() - 1).toISOString();
const future = new Date(NOW.getTime() + 1).toISOString();
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
const noApproval = { approval: { kind: 'none' as const } };
const failedRun = { runs: [buildRequestRun({ outcome: 'failed' })] };
const intended = decideRequest(buildObservation());
const intendedRun =
  intended.kind === 'intend-run'
    ? { name: intended.run.name, action: 'Apply' as const, attempt: 1 }
    : undefined;

const automatic = {
  deletionPolicy: 'Delete' as const,
  approval: { mode: 'Automatic' as const, onDelete: 'Automatic' as const },
};

type Cases = Record<string, [Partial<RequestObservation>, string]>;

function describeCases(title: string, cases: Cases): void {
  describe(title, () => {
    for (const [sentence, [changes, expected]] of Object.entries(cases)) {
      it(sentence, () => {
        const decision = decideRequest(buildObservation(changes));
        expect(decision.kind === 'wait' ? decision.reason : decision.kind).to.equal(expected);
      });
    }
  });
}

describeCases('before a run', {
  'puts the finalizer on first': [
    { request: buildRequest({ metadata: { finalizers: [] } }) },
    'add-finalizer',
  ],
  'waits for a class that is not there': [{ resourceClass: { kind: 'missing' } }, 'ClassNotFound'],
  'waits for a class that cannot be used': [
    { resourceClass: { kind: 'invalid', message: '' } },
    'ClassInvalid',
  ],
  'waits for a class that was not looked at yet': [
    { resourceClass: { kind: 'unchecked' } },
    'await-class',
  ],
  'refuses parameters that do not fit': [
    { resourceClass: buildClassView({ parameters: { valid: false, faults: [] } }) },
    'ParametersInvalid',
  ],
  'waits for an approval': [noApproval, 'AwaitingApproval'],
  'starts nothing while it is paused': [{ request: buildRequest({ metadata: paused }) }, 'paused'],
  'writes down that the approval is used, before anything is started': [
    { approval: buildApproval({ usedBy: undefined }) },
    'bind-approval',
  ],
  'states the intention before it makes a run': [{}, 'intend-run'],
});

describeCases('with an intention', {
  'makes the run': [{ request: buildRequest({ status: { run: intendedRun! } }) }, 'create-run'],
  'drops it when the request was edited before the run was made': [
    { request: buildRequest({ spec: { parameters: { size: 2 } }, status: { run: intendedRun! } }) },
    'drop-intention',
  ],
  'drops it when the approval ran out before the run was made': [
    {
      request: buildRequest({ status: { run: intendedRun! } }),
      approval: buildApproval({ claims: { exp: NOW.getTime() / 1000 - 1 } }),
    },
    'drop-intention',
  ],
  'drops it when the request was paused before the run was made': [
    { request: buildRequest({ metadata: paused, status: { run: intendedRun! } }) },
    'drop-intention',
  ],
});

const running = buildRequest({ status: { run: { name: 'run-1', action: 'Apply', attempt: 1 } } });

describeCases('with a run', {
  'waits for it, whatever else is wrong': [
    {
      request: running,
      runs: [buildRequestRun({ outcome: 'unfinished' })],
      resourceClass: { kind: 'missing' },
    },
    'await-run',
  ],
  'records its end, even while it is paused': [
    {
      request: buildRequest({ metadata: paused, status: running.status }),
      runs: [buildRequestRun()],
    },
    'record-run',
  ],
});

const ready = buildRequest({ status: { applied: applied() } });
const runs = [buildRequestRun()];

describeCases('when something is applied', {
  'repairs the credentials before anything else': [
    {
      request: buildRequest({ spec: { parameters: { size: 2 } }, status: { applied: applied() } }),
      runs,
      credentials: { kind: 'stale', desired: secret, actual: undefined },
    },
    'write-credentials',
  ],
  'rests, without a look at the approval': [{ request: ready, runs, ...noApproval }, 'idle'],
  'rests when the class is gone': [
    { request: ready, runs, resourceClass: { kind: 'missing' } },
    'idle',
  ],
  'rests when the class is newer': [
    { request: ready, runs, resourceClass: buildClassView({ digest: 'sha256:new' }) },
    'idle',
  ],
  'does not run an edit that is not approved': [
    {
      request: buildRequest({ spec: { parameters: { size: 2 } }, status: { applied: applied() } }),
      runs,
    },
    'ApprovalOutdated',
  ],
  'does not run a changed deletion policy that is not approved': [
    {
      request: buildRequest({ spec: { deletionPolicy: 'Retain' }, status: { applied: applied() } }),
      runs,
    },
    'ApprovalOutdated',
  ],
  'runs again when asked under an approval that holds': [
    { request: buildRequest({ metadata: asked, status: { applied: applied() } }), runs },
    'intend-run',
  ],
  'does not answer the same wish twice': [
    {
      request: buildRequest({ metadata: asked, status: { applied: applied() } }),
      runs: [buildRequestRun({ answers: 'now' })],
    },
    'idle',
  ],
});

const newer = { request: ready, runs, resourceClass: buildClassView({ digest: 'sha256:new' }) };
const newerInputs = inputsDigest({
  classDigest: 'sha256:new',
  namespace: 'team',
  name: 'db',
  parameters: {},
  deletionPolicy: undefined,
});
const ofNewer = { class: 'sha256:new', inputs: newerInputs };

describeCases('when the class is newer than what is applied', {
  'stays under the approval of the older one': [newer, 'idle'],
  'stays without an approval': [{ ...newer, ...noApproval }, 'idle'],
  'stays when the approval of the newer class is for other inputs': [
    { ...newer, approval: buildApproval({ claims: { class: 'sha256:new' } }) },
    'idle',
  ],
  'stays when the approval of the newer class has expired': [
    {
      ...newer,
      approval: buildApproval({ claims: { ...ofNewer, exp: NOW.getTime() / 1000 - 1 } }),
    },
    'idle',
  ],
  'stays when the approval of the newer class was used by another resource': [
    { ...newer, approval: buildApproval({ claims: ofNewer, usedBy: 'uid-2' }) },
    'idle',
  ],
  'stays by itself where the class needs no approval': [
    {
      ...newer,
      resourceClass: buildClassView({ digest: 'sha256:new', spec: automatic }),
    },
    'idle',
  ],
  'moves where the class needs no approval and somebody asks': [
    {
      request: buildRequest({ metadata: asked, status: { applied: applied() } }),
      runs,
      resourceClass: buildClassView({ digest: 'sha256:new', spec: automatic }),
    },
    'intend-run',
  ],
  'writes down that the approval of the newer class is used': [
    { ...newer, approval: buildApproval({ claims: ofNewer, usedBy: undefined }) },
    'bind-approval',
  ],
  'moves when the newer class is approved': [
    { ...newer, approval: buildApproval({ claims: ofNewer }) },
    'intend-run',
  ],
});

describeCases('after a failure', {
  'stays failed': [{ request: buildRequest({ status: { failure } }), ...failedRun }, 'failed'],
  'waits for the time of its retry': [
    {
      request: buildRequest({ status: { failure: { ...failure, retryAt: future } } }),
      ...failedRun,
    },
    'failed',
  ],
  'tries again at that time': [
    { request: buildRequest({ status: { failure: { ...failure, retryAt: past } } }), ...failedRun },
    'intend-run',
  ],
  'does not try again when the approval has gone meanwhile': [
    {
      request: buildRequest({ status: { failure: { ...failure, retryAt: past } } }),
      ...failedRun,
      ...noApproval,
    },
    'AwaitingApproval',
  ],
  'tries again when asked': [
    { request: buildRequest({ metadata: asked, status: { failure } }), ...failedRun },
    'intend-run',
  ],
  'is not at rest, even if what was applied before is asked for again': [
    {
      request: buildRequest({ status: { applied: applied(), failure } }),
      runs: [
        buildRequestRun(),
        buildRequestRun({
          name: 'run-2',
          sequence: 2,
          outcome: 'failed',
          inputs: digestOf({ size: 2 }),
        }),
      ],
    },
    'intend-run',
  ],
});

function rotating(when: string, status: object, spec: object = {}): RequestObservation['request'] {
  const annotations = { 'quartermaster.dev/rotate-at': when };
  return buildRequest({ metadata: { annotations }, spec, status });
}

const standing = { applied: applied() };
const rotationFailed = [
  buildRequestRun(),
  buildRequestRun({ name: 'run-2', sequence: 2, outcome: 'failed', rotation: 'one' }),
];

describeCases('when new secret values are asked for', {
  'makes none for a request that was never approved': [
    { request: rotating('one', {}), ...noApproval },
    'AwaitingApproval',
  ],
  'makes none under a change that is not approved': [
    { request: rotating('one', standing, { parameters: { size: 2 } }), runs, ...noApproval },
    'AwaitingApproval',
  ],
  'makes none when the record of what is applied is lost': [
    { request: rotating('one', standing), runs: [], ...noApproval },
    'AwaitingApproval',
  ],
  'makes none before it is time': [{ request: rotating(future, standing), runs }, 'idle'],
  'makes none while it is paused': [
    {
      request: buildRequest({
        metadata: { annotations: { ...paused.annotations, 'quartermaster.dev/rotate-at': 'one' } },
        status: standing,
      }),
      runs,
    },
    'paused',
  ],
  'makes none twice for the same wish': [
    { request: rotating('one', standing), runs: [buildRequestRun({ rotation: 'one' })] },
    'idle',
  ],
  'makes them when it is time': [{ request: rotating(past, standing), runs }, 'intend-run'],
  'makes them for what was approved, although the approval has expired': [
    {
      request: rotating('one', standing),
      runs,
      approval: buildApproval({ claims: { exp: NOW.getTime() / 1000 - 1 } }),
    },
    'intend-run',
  ],
  'makes them although the class is gone': [
    { request: rotating('one', standing), runs, resourceClass: { kind: 'missing' } },
    'intend-run',
  ],
  'stays failed when that has failed': [
    { request: rotating('one', { ...standing, failure }), runs: rotationFailed, ...noApproval },
    'failed',
  ],
  'tries again by the rule for its failure, without another approval': [
    {
      request: rotating('one', { ...standing, failure: { ...failure, retryAt: past } }),
      runs: rotationFailed,
      ...noApproval,
    },
    'intend-run',
  ],
  'tries again when another rotation is asked for': [
    { request: rotating('two', { ...standing, failure }), runs: rotationFailed, ...noApproval },
    'intend-run',
  ],
});

describe('a run for new secret values', () => {
  it('repeats what was applied with the revision of then, and says which rotation it is for', () => {
    const decision = decideRequest(
      buildObservation({
        request: rotating('one', standing),
        runs,
        resourceClass: buildClassView({ digest: 'sha256:new', revisionName: 'database-2' }),
        ...noApproval,
      }),
    );
    expect(decision.kind === 'intend-run' && decision.run).to.include({
      action: 'Apply',
      rotation: 'one',
      classRevision: 'database-1',
      inputsDigest: digestOf(),
      attempt: 2,
      isRetry: false,
    });
  });

  it('goes back to the values in force when the wish is taken away after a failure', () => {
    const request = buildRequest({ metadata: asked, status: { ...standing, failure } });
    const decision = decideRequest(
      buildObservation({ request, runs: rotationFailed, ...noApproval }),
    );
    expect(decision.kind === 'intend-run' && decision.run).to.include({
      rotation: undefined,
      inputsDigest: digestOf(),
      attempt: 2,
    });
  });

  it('is destroyed with the values of that rotation', () => {
    const made = buildRequestRun({ rotation: 'one' });
    const decision = decideRequest(
      buildObservation({
        request: buildRequest({ metadata: deleting, status: standing }),
        runs: [made],
      }),
    );
    expect(decision.kind === 'intend-run' && decision.run).to.include({
      action: 'Destroy',
      rotation: 'one',
    });
  });
});

function gone(status?: object, metadata: object = {}): { request: RequestObservation['request'] } {
  return {
    request: buildRequest({
      metadata: { ...deleting, ...metadata },
      ...(status ? { status } : {}),
    }),
  };
}

const destroyed = buildRequestRun({ name: 'run-2', action: 'Destroy', sequence: 2 });
const destroyFailed = {
  ...buildRequestRun({ name: 'run-2', action: 'Destroy', sequence: 2, outcome: 'failed' }),
};
const leftovers = [{ type: {} as never, object: secret }];

describeCases('when it is deleted', {
  'leaves one alone that is not held by us': [gone(undefined, { finalizers: ['other'] }), 'ignore'],
  'waits for a run that is under way': [
    {
      ...gone({ run: { name: 'run-1', action: 'Apply', attempt: 1 } }),
      runs: [buildRequestRun({ outcome: 'unfinished' })],
    },
    'await-run',
  ],
  'waits for a run that its status does not know': [
    { ...gone(), runs: [buildRequestRun({ outcome: 'unfinished' })] },
    'await-run',
  ],
  'never lets go of what is applied when the record of it is lost': [
    gone({ applied: applied() }),
    'destroy-failed',
  ],
  'destroys nothing while it is paused': [
    { ...gone({ applied: applied() }, paused), runs },
    'paused',
  ],
  'destroys nothing while it is protected': [
    { ...gone({ applied: applied() }, guarded), runs },
    'protected',
  ],
  'destroys what is applied': [{ ...gone({ applied: applied() }), runs }, 'intend-run'],
  'destroys what a failed run may have made': [
    { ...gone({ failure }), ...failedRun },
    'intend-run',
  ],
  'keeps what was approved to be kept': [
    { ...gone({ applied: applied() }), runs: [buildRequestRun({ deletionPolicy: 'Retain' })] },
    'retain',
  ],
  'destroys even if the policy was edited without an approval': [
    {
      request: buildRequest({
        metadata: deleting,
        spec: { deletionPolicy: 'Retain' },
        status: { applied: applied() },
      }),
      runs,
    },
    'intend-run',
  ],
  'stays when a destroy has failed': [
    { ...gone({ applied: applied(), failure }), runs: [...runs, destroyFailed] },
    'destroy-failed',
  ],
  'tries to destroy again when asked': [
    { ...gone({ applied: applied(), failure }, asked), runs: [...runs, destroyFailed] },
    'intend-run',
  ],
  'takes away what is left once it is destroyed': [
    { ...gone(), runs: [...runs, destroyed], leftovers },
    'delete-leftovers',
  ],
  'still knows that it is destroyed when the Apply runs went first': [
    { ...gone(), runs: [destroyed], leftovers },
    'delete-leftovers',
  ],
  'lets go only when nothing is left': [gone(), 'remove-finalizer'],
  'lets go of a protected one that never made anything': [
    gone(undefined, guarded),
    'remove-finalizer',
  ],
});

describe('a planned run', () => {
  it('has the same name for the same identity, and another for another attempt', () => {
    const again = decideRequest(buildObservation());
    expect(again).to.deep.equal(intended);
    const retried = decideRequest(
      buildObservation({
        request: buildRequest({ status: { failure: { ...failure, retryAt: past } } }),
        ...failedRun,
      }),
    );
    expect(retried.kind === 'intend-run' && retried.run).to.include({
      attempt: 2,
      isRetry: true,
      sequence: 2,
    });
    expect(retried.kind === 'intend-run' && retried.run.name).not.to.equal(intendedRun?.name);
  });

  it('carries the parameters with the defaults of the class', () => {
    expect(intended.kind === 'intend-run' && intended.run.parameters).to.deep.equal({ size: 1 });
  });

  it('has a name that a label can hold, whatever the name of the request', () => {
    const request = buildRequest({ metadata: { name: 'x'.repeat(40) } });
    const decision = decideRequest(
      buildObservation({
        request,
        resourceClass: buildClassView({
          spec: {
            deletionPolicy: 'Delete',
            approval: { mode: 'Automatic', onDelete: 'Automatic' },
          },
        }),
      }),
    );
    expect(decision.kind === 'intend-run' && decision.run.name).to.match(/^[a-z][-a-z0-9]{1,62}$/);
  });
});
