import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { Drift } from '../../../../crds/drift.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { digest } from '../../../../lib/canonical-json.ts';
import { OPERATOR_ANNOTATIONS } from '../../../../operator/constants.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import { requeueAfter } from '../../../../operator/request/decide-requeue.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import type { PlanProblem } from '../../../../operator/state/judge-plan.ts';
import {
  applied,
  buildApproval,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

const FIRST = 'sha256:first';
const REPAIR = 'sha256:repair';
const HOUR = 3_600_000;
const SOME = { add: 0, change: 1, destroy: 0 };
const NONE = { add: 0, change: 0, destroy: 0 };
const FAILURE = { type: 'Configuration' as const, message: 'no such size' };

function driftOf(address: string): Drift {
  return { resources: [{ address, action: 'update' }], omitted: 0 };
}

const found = driftOf('module.resource.x');

function ago(hours: number): string {
  return new Date(NOW.getTime() - hours * HOUR).toISOString();
}

function classWith(drift: 'Report' | 'Reapply', digestOfClass?: string) {
  const spec = resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
    approval: { preview: 'Required', expiresAfter: '2h' },
    drift: { interval: '10h', action: drift },
  });
  return buildClassView({ spec, ...(digestOfClass && { digest: digestOfClass }) });
}

/** The apply of the plan that was approved first. */
const standing = buildRequestRun({ planDigest: FIRST, status: { finishedAt: ago(4) } });

function check(sequence: number, drift: Drift = found): ResourceRun {
  const name = `check-${sequence}`;
  const status = { finishedAt: ago(3), drift };
  return buildRequestRun({ name, sequence, action: 'Check', status });
}

function plan(
  sequence: number,
  changes: {
    hoursAgo?: number;
    does?: typeof SOME;
    digest?: string;
    drift?: Drift;
    failed?: boolean;
  } = {},
): ResourceRun {
  const { hoursAgo = 1, does = SOME, failed = false } = changes;
  const run = buildRequestRun({
    ...{ name: `plan-${sequence}`, sequence, action: 'Plan' },
    outcome: failed ? 'failed' : 'succeeded',
    status: {
      finishedAt: ago(hoursAgo),
      ...(failed ? { failure: FAILURE } : { planDigest: changes.digest ?? REPAIR, changes: does }),
    },
  });
  const drift = { [OPERATOR_ANNOTATIONS.drift]: digest(changes.drift ?? found) };
  return {
    ...run,
    metadata: { ...run.metadata, annotations: { ...run.metadata.annotations, ...drift } },
  };
}

function apply(sequence: number, type?: 'PlanOutdated' | 'Configuration'): ResourceRun {
  return buildRequestRun({
    ...{ name: `run-${sequence}`, sequence, planDigest: REPAIR },
    outcome: type === undefined ? 'succeeded' : 'failed',
    status: { finishedAt: ago(0.5), ...(type && { failure: { type, message: 'It moved.' } }) },
  });
}

function observe(
  runs: ResourceRun[],
  changes: Partial<RequestObservation> & { failure?: typeof FAILURE } = {},
): RequestObservation {
  const { failure, ...rest } = changes;
  const status = { applied: applied(), ...(failure && { failure }) };
  return buildObservation({
    request: buildRequest({ status }),
    resourceClass: classWith('Reapply'),
    approval: buildApproval({ claims: { plan: FIRST } }),
    credentials: { kind: 'not-needed' },
    runs: [standing, ...runs],
    ...rest,
  });
}

/** With an approval of the plan of the repair. */
function approve(
  runs: ResourceRun[],
  changes: Parameters<typeof observe>[1] & { problem?: PlanProblem; unused?: boolean } = {},
): RequestObservation {
  const { problem, unused = false, ...rest } = changes;
  return observe(runs, {
    approval: buildApproval({
      claims: { plan: REPAIR },
      ...(unused ? { usedBy: undefined } : {}),
    }),
    approvedPlan: { planDigest: REPAIR, problem },
    ...rest,
  });
}

function outcome(observation: RequestObservation): string {
  const decision = decideRequest(observation);
  if (decision.kind === 'wait') return decision.reason;
  if (decision.kind !== 'intend-run') return decision.kind;
  const { action, planDigest = '', repair = '' } = decision.run;
  return `${action} ${planDigest} ${repair}`.trim();
}

describe('drift of a class that shows plans', () => {
  const report = { resourceClass: classWith('Report') };
  const cases: Record<string, [RequestObservation, string]> = {
    'is not planned where the class only reports it': [observe([check(2)], report), 'idle'],
    'is not planned where a newer class would be applied': [
      observe([check(2)], { resourceClass: classWith('Reapply', 'sha256:newer') }),
      'idle',
    ],
    'is not planned where nothing differs': [
      observe([check(2, { resources: [], omitted: 0 })]),
      'idle',
    ],
    'is planned before anything is put right': [observe([check(2)]), 'Plan'],
    'waits for an approval of that plan': [observe([check(2), plan(3)]), 'AwaitingApproval'],
    'waits on when later checks find the same': [
      observe([check(2), plan(3), check(4)]),
      'AwaitingApproval',
    ],
    'is planned anew when something else differs': [
      observe([check(2), plan(3), check(4, driftOf('module.resource.y'))]),
      'Plan',
    ],
    'says why no plan of it could be made': [
      observe([check(2), plan(3, { failed: true })]),
      'PlanFailed',
    ],
    'is not planned on end where the plan has expired': [
      observe([check(2), plan(3, { hoursAgo: 2.5 })]),
      'idle',
    ],
    'is planned anew by the next check where the plan has expired': [
      observe([check(2), plan(3, { hoursAgo: 2.5 }), check(4)]),
      'Plan',
    ],
    'asks nobody where the plan finds nothing to do': [
      observe([check(2), plan(3, { does: NONE })]),
      'idle',
    ],
    'is put right by the plan that was approved': [
      approve([check(2), plan(3)]),
      `Apply ${REPAIR} 1`,
    ],
    'is put right only once that is written down': [
      approve([check(2), plan(3)], { unused: true }),
      'bind-approval',
    ],
    'is put right by a plan that somebody asked for, where the class only reports it': [
      approve([check(2), plan(3)], report),
      `Apply ${REPAIR}`,
    ],
    'is not put right by an approval of other inputs': [
      approve([check(2), plan(3)], {
        approval: buildApproval({ claims: { plan: REPAIR, inputs: 'sha256:other' } }),
      }),
      'AwaitingApproval',
    ],
    'is not put right by an approval that has expired': [
      approve([check(2), plan(3)], {
        approval: buildApproval({ claims: { plan: REPAIR, exp: NOW.getTime() / 1000 - 1 } }),
      }),
      'AwaitingApproval',
    ],
    'is planned anew when the state has moved since the plan that was approved': [
      approve([check(2), plan(3)], { problem: 'StateMoved', unused: true }),
      'Plan',
    ],
    'is planned anew when the world has moved since': [
      approve([check(2), plan(3), apply(4, 'PlanOutdated')], { problem: 'PlanMissing' }),
      'Plan',
    ],
    'asks again when the world has moved since': [
      approve([check(2), plan(3), apply(4, 'PlanOutdated'), plan(5, { digest: 'sha256:next' })], {
        problem: 'PlanMissing',
      }),
      'ApprovalOutdated',
    ],
    'asks nobody when somebody else has put it right meanwhile': [
      approve(
        [
          ...[check(2), plan(3), apply(4, 'PlanOutdated')],
          plan(5, { digest: 'sha256:next', does: NONE }),
        ],
        { problem: 'PlanMissing', ...report },
      ),
      'idle',
    ],
    'is not put right twice by the same plan': [
      approve([check(2), plan(3), apply(4)], {
        request: buildRequest({ status: { applied: applied('run-4') } }),
        problem: 'PlanMissing',
      }),
      'idle',
    ],
    'is planned and asked about anew after a repair that failed half way': [
      approve([check(2), plan(3), apply(4, 'Configuration')], {
        request: buildRequest({
          metadata: { annotations: { 'quartermaster.dev/reconcile-at': 'now' } },
          status: { applied: applied(), failure: FAILURE },
        }),
        problem: 'StateMoved',
      }),
      'Plan',
    ],
    'waits for somebody after a repair that failed half way': [
      approve([check(2), plan(3), apply(4, 'Configuration')], {
        failure: FAILURE,
        problem: 'StateMoved',
      }),
      'failed',
    ],
  };
  for (const [behaviour, [observation, expected]] of Object.entries(cases)) {
    it(behaviour, () => expect(outcome(observation)).to.equal(expected));
  }
});

describe('what a request says whose drift waits for an approval', () => {
  const waiting = observe([check(2), plan(3)]);
  const status = requestStatus(waiting, decideRequest(waiting));

  it('is that it runs, that something waits, and what a yes would do', () => {
    expect(findCondition(status?.conditions, 'Ready')).to.include({ status: 'True' });
    expect(findCondition(status?.conditions, 'Approved')).to.include({
      status: 'False',
      reason: 'AwaitingApproval',
      message:
        'What has drifted is put right when that is approved. ' +
        'The plan of run plan-3: 0 to add, 1 to change, 0 to destroy.',
    });
    expect(findCondition(status?.conditions, 'Drifted')?.message).to.match(
      /put right when the plan of that is approved\.$/,
    );
    expect(status?.plan).to.deep.equal({ run: 'plan-3', digest: REPAIR, changes: SOME });
  });

  it('is looked at again when the plan ends', () => {
    expect(requeueAfter(waiting, decideRequest(waiting))).to.equal(HOUR);
  });

  it('is the same while another check is made, and when it has found the same', () => {
    const asked = { annotations: { 'quartermaster.dev/reconcile-at': 'now' } };
    const request = buildRequest({ metadata: asked, status: { applied: applied() } });
    const checking = observe([check(2), plan(3)], { request });
    const decision = decideRequest(checking);
    expect(decision).to.have.nested.property('run.action', 'Check');
    const said = requestStatus(checking, decision);
    expect(findCondition(said?.conditions, 'Approved')).to.include({ reason: 'AwaitingApproval' });
    expect(said?.plan).to.deep.equal(status?.plan);
  });

  it('is that it runs while the plan is made', () => {
    const planning = observe([check(2)]);
    const said = requestStatus(planning, decideRequest(planning));
    expect(findCondition(said?.conditions, 'Ready')).to.include({ status: 'True' });
    expect(findCondition(said?.conditions, 'Reconciling')).to.include({ status: 'False' });
    expect(findCondition(said?.conditions, 'Approved')).to.include({
      reason: 'AwaitingApproval',
      message: `What has drifted is put right when that is approved. Its plan is being made.`,
    });
  });
});
