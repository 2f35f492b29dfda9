import { expect } from 'chai';
import { deletionDigest } from '../../../../crds/approval.ts';
import { findCondition } from '../../../../crds/condition.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import { requeueAfter } from '../../../../operator/request/decide-requeue.ts';
import type {
  ApprovalEvidence,
  RequestObservation,
} from '../../../../operator/request/observation.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildApproval,
  buildObservation,
  buildRequest,
  buildRequestRun,
  digestOf,
  NOW,
} from '../../../support/operator/request-builder.ts';

const PLAN = 'sha256:plan';
const CHANGES = { add: 0, change: 0, destroy: 3 };
const DELETION = deletionDigest({ namespace: 'team', name: 'db', uid: 'uid-1' });

function ruleOf(approval: object = {}) {
  return resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
    approval: { onDelete: 'Manual', ...approval },
  }).approval;
}

function terminating(
  status: ResourceRequest['status'] = {},
  annotations: Record<string, string> = {},
): ResourceRequest {
  const metadata = { deletionTimestamp: NOW.toISOString(), annotations };
  return buildRequest({ metadata, status: { applied: applied(), ...status } });
}

const made = buildRequestRun();

function planned(changes: Parameters<typeof buildRequestRun>[0] = {}): ResourceRun {
  const status = { planDigest: PLAN, changes: CHANGES, finishedAt: NOW.toISOString() };
  const fields = { name: 'plan-1', action: 'Plan' as const, sequence: 2, inputs: DELETION, status };
  return buildRequestRun({ ...fields, ...changes });
}

function destroyRun(type: string, changes: Parameters<typeof buildRequestRun>[0] = {}) {
  const failure = { type: type as 'Transient', message: 'It went wrong.' };
  return buildRequestRun({
    ...{ name: 'destroy-1', action: 'Destroy', outcome: 'failed', sequence: 3 },
    ...{ inputs: DELETION, planDigest: PLAN, status: { failure }, ...changes },
  });
}

function approvedWith(plan: string | undefined, claims: object = {}): ApprovalEvidence {
  return buildApproval({ claims: { inputs: DELETION, plan, ...claims }, usedBy: undefined });
}

const fits = { approvedPlan: { planDigest: PLAN, problem: undefined } };

function observe(changes: Partial<RequestObservation> = {}): RequestObservation {
  return buildObservation({
    ...{ request: terminating(), deletionRule: ruleOf(), approval: { kind: 'none' } },
    ...{ runs: [made], resourceClass: { kind: 'missing' }, ...changes },
  });
}

/** What is decided, in a word or two. */
function outcome(observation: RequestObservation): string {
  const decision = decideRequest(observation);
  if (decision.kind === 'intend-run') return `intend ${decision.run.action}`;
  return decision.kind === 'wait' ? decision.reason : decision.kind;
}

describe('the deletion of a request whose class asks about it', () => {
  const cases: Record<string, [Partial<RequestObservation>, string]> = {
    'is planned before anybody is asked': [{}, 'intend Plan'],
    'waits for an approval when the plan is there': [
      { runs: [made, planned()] },
      'AwaitingApproval',
    ],
    'is not approved by the approval of what was applied': [
      { runs: [made, planned()], approval: buildApproval() },
      'AwaitingApproval',
    ],
    'is not approved by the approval of an apply that names the plan of the destruction': [
      { runs: [made, planned()], ...fits, approval: approvedWith(PLAN, { inputs: digestOf() }) },
      'AwaitingApproval',
    ],
    'is not approved by the approval of the deletion of another request': [
      { runs: [made, planned()], ...fits, approval: approvedWith(PLAN, { request: 'team/other' }) },
      'ApprovalInvalid',
    ],
    'is not approved by the approval of one of the same name that is gone': [
      {
        runs: [made, planned()],
        ...fits,
        approval: approvedWith(PLAN, {
          inputs: deletionDigest({ namespace: 'team', name: 'db', uid: 'uid-0' }),
        }),
      },
      'AwaitingApproval',
    ],
    'is not approved by an approval that nobody signed': [
      { runs: [made, planned()], approval: { kind: 'unbelievable', message: 'forged' } },
      'AwaitingApproval',
    ],
    'is not approved by an approval that is bound to no plan': [
      { runs: [made, planned()], approval: approvedWith(undefined) },
      'ApprovalOutdated',
    ],
    'is not approved by an approval that has expired': [
      { runs: [made, planned()], ...fits, approval: approvedWith(PLAN, { exp: 1 }) },
      'ApprovalExpired',
    ],
    'destroys what was approved': [
      { runs: [made, planned()], ...fits, approval: approvedWith(PLAN) },
      'intend Destroy',
    ],
    'destroys what was approved by way of the api, which planned it before': [
      { ...fits, approval: approvedWith(PLAN) },
      'intend Destroy',
    ],
    'is planned again when the state has moved since': [
      {
        runs: [made, planned()],
        approval: approvedWith(PLAN),
        approvedPlan: { planDigest: PLAN, problem: 'StateMoved' },
      },
      'intend Plan',
    ],
    'asks again when the new plan is there': [
      {
        runs: [
          made,
          planned(),
          planned({ name: 'plan-2', sequence: 3, status: { planDigest: 'sha256:2' } }),
        ],
        approval: approvedWith(PLAN),
        approvedPlan: { planDigest: PLAN, problem: 'StateMoved' },
      },
      'ApprovalOutdated',
    ],
    'is planned again when the run found that the world has moved': [
      {
        runs: [made, planned(), destroyRun('PlanOutdated')],
        ...fits,
        approval: approvedWith(PLAN),
      },
      'intend Plan',
    ],
    'is planned again when the destroy failed half way, and it is time for another try': [
      {
        request: terminating({
          failure: { type: 'Transient', message: '', retryAt: new Date(0).toISOString() },
        }),
        runs: [made, planned(), destroyRun('Transient')],
        approval: approvedWith(PLAN),
        approvedPlan: { planDigest: PLAN, problem: 'StateMoved' },
      },
      'intend Plan',
    ],
    'tries the same plan again when the destroy failed before it did anything': [
      {
        request: terminating({
          failure: { type: 'Transient', message: '', retryAt: new Date(0).toISOString() },
        }),
        runs: [made, planned(), destroyRun('Transient')],
        ...fits,
        approval: approvedWith(PLAN),
      },
      'intend Destroy',
    ],
    'stays when the destroy failed, until it is time': [
      {
        request: terminating({ failure: { type: 'Configuration', message: '' } }),
        runs: [made, planned(), destroyRun('Configuration')],
        ...fits,
        approval: approvedWith(PLAN),
      },
      'destroy-failed',
    ],
    'says why a plan could not be made': [
      { runs: [made, planned({ outcome: 'failed' })] },
      'PlanFailed',
    ],
    'is planned again when that is asked for after a failed plan': [
      {
        request: terminating({}, { 'quartermaster.dev/reconcile-at': 'now' }),
        runs: [made, planned({ outcome: 'failed' })],
      },
      'intend Plan',
    ],
    'is planned again when something was applied since': [
      { runs: [made, planned(), buildRequestRun({ name: 'run-3', sequence: 3 })] },
      'intend Plan',
    ],
    'is planned again when the plan has expired': [
      {
        deletionRule: ruleOf({ expiresAfter: '1h' }),
        runs: [
          made,
          planned({
            status: {
              planDigest: PLAN,
              finishedAt: new Date(NOW.getTime() - 3_600_000).toISOString(),
            },
          }),
        ],
      },
      'intend Plan',
    ],
    'needs an approval without a plan where the class skips that': [
      { deletionRule: ruleOf({ preview: 'Skipped' }) },
      'AwaitingApproval',
    ],
    'goes on under an approval without a plan where the class skips that': [
      { deletionRule: ruleOf({ preview: 'Skipped' }), approval: approvedWith(undefined) },
      'intend Destroy',
    ],
    'is asked about although everything else of the class is automatic': [
      { deletionRule: ruleOf({ mode: 'Automatic' }) },
      'intend Plan',
    ],
    'goes on by itself where the class says Automatic': [
      { deletionRule: ruleOf({ onDelete: 'Automatic' }) },
      'intend Destroy',
    ],
    'is not even planned while it is protected': [
      { request: terminating({}, { 'quartermaster.dev/deletion-protection': 'true' }) },
      'protected',
    ],
    'needs nobody where what was made stays': [
      { runs: [buildRequestRun({ deletionPolicy: 'Retain' })], deletionRule: undefined },
      'retain',
    ],
  };
  for (const [title, [changes, expected]] of Object.entries(cases)) {
    it(title, () => expect(outcome(observe(changes))).to.equal(expected));
  }

  it('is planned with what was applied, and destroyed by exactly that plan', () => {
    const plan = decideRequest(observe());
    expect(plan.kind === 'intend-run' && plan.run).to.include({
      ...{ action: 'Plan', destroys: true, inputsDigest: DELETION },
      classRevision: made.spec.classRevision,
    });
    const destroy = decideRequest(observe({ ...fits, approval: approvedWith(PLAN) }));
    expect(destroy.kind === 'intend-run' && destroy.run).to.include({
      ...{ action: 'Destroy', planDigest: PLAN, inputsDigest: DELETION },
    });
  });

  it('starts nothing of what is asked for: the approval of a deletion is none of an apply', () => {
    const approval = buildApproval({ claims: { inputs: DELETION } });
    expect(outcome(buildObservation({ approval }))).to.equal('ApprovalOutdated');
  });

  it('says that it waits, with the counts, and leaves what runs to those who use it', () => {
    const request = terminating({ binding: { name: 'db-credentials' }, outputs: { host: 'a' } });
    const observation = observe({ request, runs: [made, planned()] });
    const decision = decideRequest(observation);
    const status = requestStatus(observation, decision);
    const ready = findCondition(status?.conditions, 'Ready');
    expect(ready).to.include({ status: 'False', reason: 'AwaitingApproval' });
    expect(ready?.message).to.contain('0 to add, 0 to change, 3 to destroy');
    expect(status).to.deep.include({
      plan: { run: 'plan-1', digest: PLAN, changes: CHANGES },
      ...{ binding: { name: 'db-credentials' }, outputs: { host: 'a' } },
    });
    expect(requeueAfter(observation, decision)).to.equal(undefined);
  });

  it('says while it is planned that it is, and never that the plan has applied anything', () => {
    const run = planned();
    const current = { name: 'plan-1', action: 'Plan' as const, attempt: 1 };
    const observation = observe({ request: terminating({ run: current }), runs: [made, run] });
    const decision = decideRequest(observation);
    expect(decision.kind).to.equal('record-run');
    const { conditions, applied: stands } = requestStatus(observation, decision) ?? {};
    expect(findCondition(conditions, 'Provisioned')?.message).to.contain('run-1');
    expect(stands).to.deep.equal(applied());
    const begun = observe();
    const said = requestStatus(begun, decideRequest(begun))?.conditions;
    expect(findCondition(said, 'Ready')).to.include({ reason: 'Deprovisioning' });
    expect(findCondition(said, 'Ready')?.message).to.contain('plans the destruction');
  });
});
