import { expect } from 'chai';
import { inputsDigest } from '../../../../crds/approval.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import { requeueAfter } from '../../../../operator/request/decide-requeue.ts';
import type { ClassView, RequestObservation } from '../../../../operator/request/observation.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import type { PlanProblem } from '../../../../operator/state/judge-plan.ts';
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

const PLAN = 'sha256:plan';
const CHANGES = { add: 2, change: 0, destroy: 1 };

const previewed = buildClassView({
  spec: resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
    approval: { preview: 'Required' },
  }),
});

function observe(changes: Partial<RequestObservation> = {}): RequestObservation {
  return buildObservation({ resourceClass: previewed, approval: { kind: 'none' }, ...changes });
}

function planned(changes: Parameters<typeof buildRequestRun>[0] = {}) {
  const status = { planDigest: PLAN, changes: CHANGES, finishedAt: NOW.toISOString() };
  return buildRequestRun({ name: 'plan-1', action: 'Plan', status, ...changes });
}

function approvedWith(plan: string | undefined) {
  return buildApproval({ claims: { plan } });
}

/** What is decided, in a word or two. */
function outcome(observation: RequestObservation): string {
  const decision = decideRequest(observation);
  if (decision.kind === 'intend-run') return `intend ${decision.run.action}`;
  return decision.kind === 'wait' ? decision.reason : decision.kind;
}

describe('a class that wants a plan to be shown', () => {
  const problems: PlanProblem[] = [
    'PlanMissing',
    'PlanAltered',
    'OtherRequest',
    'OtherInputs',
    'OtherClass',
    'PlanExpired',
    'StateMoved',
  ];
  const cases: Record<string, [Partial<RequestObservation>, string]> = {
    'has it made before anybody is asked': [{}, 'intend Plan'],
    'waits for an approval when it is there': [{ runs: [planned()] }, 'AwaitingApproval'],
    'has a new one made when the request was edited': [
      { runs: [planned()], request: buildRequest({ spec: { parameters: { size: 2 } } }) },
      'intend Plan',
    ],
    'has a new one made when something was applied since': [
      {
        runs: [planned(), buildRequestRun({ sequence: 2, inputs: digestOf({ size: 3 }) })],
        request: buildRequest({ status: { applied: { ...applied(), inputsDigest: '' } } }),
      },
      'intend Plan',
    ],
    'applies nothing under an approval that is bound to no plan': [
      { runs: [planned()], approval: approvedWith(undefined) },
      'ApprovalOutdated',
    ],
    'applies the plan that was approved': [
      {
        runs: [planned()],
        approval: approvedWith(PLAN),
        approvedPlan: { planDigest: PLAN, problem: undefined },
      },
      'intend Apply',
    ],
    'applies a plan that was made before there was a resource': [
      {
        approval: approvedWith('sha256:earlier'),
        approvedPlan: { planDigest: 'sha256:earlier', problem: undefined },
      },
      'intend Apply',
    ],
    'asks again when a run found that the world has moved': [
      {
        runs: [
          planned({ sequence: 3 }),
          planned(),
          buildRequestRun({
            sequence: 2,
            outcome: 'failed',
            planDigest: PLAN,
            status: { failure: { type: 'PlanOutdated', message: 'The world has moved.' } },
          }),
        ],
        approval: approvedWith(PLAN),
        approvedPlan: { planDigest: PLAN, problem: undefined },
      },
      'ApprovalOutdated',
    ],
    'applies nothing again when somebody asks for a run of what is applied': [
      {
        runs: [buildRequestRun({ planDigest: PLAN })],
        approval: approvedWith(PLAN),
        approvedPlan: { planDigest: PLAN, problem: 'PlanMissing' },
        request: buildRequest({
          status: { applied: applied() },
          metadata: { annotations: { 'quartermaster.dev/reconcile-at': 'now' } },
        }),
      },
      'intend Check',
    ],
  };
  for (const [title, [changes, expected]] of Object.entries(cases)) {
    it(title, () => {
      expect(outcome(observe(changes))).to.equal(expected);
    });
  }

  for (const problem of problems) {
    it(`has a new one made when the approved one does not fit: ${problem}`, () => {
      const approvedPlan = { planDigest: PLAN, problem };
      const changes = { approval: approvedWith(PLAN), approvedPlan };
      expect(outcome(observe({ ...changes, runs: [planned()] }))).to.equal('intend Plan');
      const remade = planned({ name: 'plan-2', sequence: 2, status: { planDigest: 'sha256:new' } });
      const decision = decideRequest(observe({ ...changes, runs: [planned(), remade] }));
      expect(decision).to.include({ kind: 'wait', reason: 'ApprovalOutdated' });
    });
  }

  it('says what the plan would do, in the status and in every condition', () => {
    const observation = observe({ runs: [planned()] });
    const status = requestStatus(observation, decideRequest(observation));
    expect(status?.plan).to.deep.equal({ run: 'plan-1', digest: PLAN, changes: CHANGES });
    const approved = status?.conditions?.find(({ type }) => type === 'Approved');
    expect(approved).to.include({ status: 'False', reason: 'AwaitingApproval' });
    expect(approved?.message).to.contain('2 to add, 0 to change, 1 to destroy');
  });

  it('says that the plan is being made, and that nothing runs otherwise', () => {
    const plan = planned({ outcome: 'unfinished', status: {} });
    const run = { name: 'plan-1', action: 'Plan' as const, attempt: 1 };
    const observation = observe({ runs: [plan], request: buildRequest({ status: { run } }) });
    const status = requestStatus(observation, decideRequest(observation));
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).to.include({ status: 'False', reason: 'AwaitingApproval' });
    expect(ready?.message).to.contain('Its plan is being made.');
  });

  it('leaves what runs as it is while a change is planned, also when the plan fails', () => {
    const failure = { type: 'Configuration' as const, message: 'no such size' };
    const plan = planned({
      sequence: 2,
      outcome: 'failed',
      inputs: digestOf({ size: 9 }),
      status: { failure },
    });
    const request = buildRequest({
      spec: { parameters: { size: 9 } },
      status: { applied: applied(), run: { name: 'plan-1', action: 'Plan', attempt: 1 } },
    });
    const observation = observe({ request, runs: [buildRequestRun(), plan] });
    const decision = decideRequest(observation);
    expect(decision.kind).to.equal('record-run');
    const status = requestStatus(observation, decision);
    expect(status?.failure).to.equal(undefined);
    expect(status?.applied?.run).to.equal('run-1');
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.status).to.equal('True');
  });

  it('shows the error of a plan that failed, and makes it again by the rule of the failure', () => {
    const failed = (type: 'Configuration' | 'Transient') =>
      planned({
        outcome: 'failed',
        status: { failure: { type, message: 'no such size' }, finishedAt: NOW.toISOString() },
      });
    const final = decideRequest(observe({ runs: [failed('Configuration')] }));
    expect(final).to.deep.include({ kind: 'wait', reason: 'PlanFailed' });
    expect('message' in final && final.message).to.contain('Configuration: no such size');
    const passing = observe({ runs: [failed('Transient')] });
    const waitMs = requeueAfter(passing, decideRequest(passing));
    expect(waitMs).to.be.greaterThan(0).and.lessThan(60_000);
    const later = { ...passing, now: new Date(NOW.getTime() + (waitMs ?? 0)) };
    expect(outcome(later)).to.equal('intend Plan');
  });

  it('makes a plan that failed again when somebody asks', () => {
    const failure = { type: 'Configuration' as const, message: 'no such size' };
    const status = { failure, finishedAt: NOW.toISOString() };
    const annotations = { 'quartermaster.dev/reconcile-at': 'now' };
    const request = buildRequest({ metadata: { annotations } });
    const failed = planned({ outcome: 'failed', status });
    expect(outcome(observe({ request, runs: [failed] }))).to.equal('intend Plan');
    const answered = planned({ outcome: 'failed', status, answers: 'now' });
    expect(outcome(observe({ request, runs: [answered] }))).to.equal('PlanFailed');
  });

  describe('and has become a newer one', () => {
    const newer = 'sha256:newer';
    const inputs = inputsDigest({
      ...{ classDigest: newer, namespace: 'team', name: 'db', parameters: {} },
      deletionPolicy: undefined,
    });
    const annotations = { 'quartermaster.dev/reconcile-at': 'now' };
    const status = { applied: applied() };
    const observeNewer = (isAsked: boolean, runs: ResourceRun[]): RequestObservation =>
      observe({
        resourceClass: { ...previewed, digest: newer } as ClassView,
        approval: approvedWith(PLAN),
        credentials: { kind: 'not-needed' },
        request: buildRequest({ status, ...(isAsked && { metadata: { annotations } }) }),
        runs: [buildRequestRun(), ...runs],
      });
    const plan = planned({ sequence: 2, inputs, answers: 'now' });

    it('plans nothing by itself, and the move to it as soon as somebody asks', () => {
      expect(outcome(observeNewer(false, []))).to.equal('idle');
      expect(outcome(observeNewer(true, []))).to.equal('intend Plan');
    });

    it('shows the plan of the move while what was approved goes on', () => {
      const observation = observeNewer(true, [plan]);
      const decision = decideRequest(observation);
      expect(decision).to.deep.include({ kind: 'wait', reason: 'ApprovalOutdated', plan });
      const ready = requestStatus(observation, decision)?.conditions?.find(
        ({ type }) => type === 'Ready',
      );
      expect(ready).to.include({ status: 'True', reason: 'Available' });
    });

    it('moves under an approval of that plan, and under none without a plan', () => {
      const claims = { class: newer, inputs };
      const approve = (extra: object): RequestObservation => ({
        ...observeNewer(false, [plan]),
        approval: buildApproval({ claims: { ...claims, ...extra } }),
      });
      expect(outcome(approve({}))).to.equal('ApprovalOutdated');
      expect(outcome(approve({ plan: PLAN }))).to.equal('intend Apply');
    });
  });

  describe('and lets it expire', () => {
    const resourceClass = buildClassView({
      spec: resourceClassSpecSchema.parse({
        title: 'Database',
        module: { source: './modules/database' },
        parameters: { type: 'object' },
        approval: { preview: 'Required', expiresAfter: '1h' },
      }),
    });
    const later = new Date(NOW.getTime() + 3_600_000);

    it('looks again when the plan ends, and makes it anew then', () => {
      const waiting = observe({ resourceClass, runs: [planned()] });
      expect(outcome(waiting)).to.equal('AwaitingApproval');
      expect(requeueAfter(waiting, decideRequest(waiting))).to.equal(3_600_000);
      expect(outcome({ ...waiting, now: later })).to.equal('intend Plan');
    });

    it('shows none after the fifth, until somebody asks for another', () => {
      const fifth = planned({ attempt: 5 });
      const tired = observe({ resourceClass, runs: [fifth], now: later });
      const decision = decideRequest(tired);
      expect(decision).to.include({ kind: 'wait', reason: 'AwaitingApproval' });
      expect(decision).not.to.have.property('plan');
      expect('message' in decision && decision.message).to.contain('The plan has expired');
      const annotations = { 'quartermaster.dev/reconcile-at': 'now' };
      const request = buildRequest({ metadata: { annotations } });
      expect(outcome({ ...tired, request })).to.equal('intend Plan');
    });
  });

  it('is not asked for a plan of a run that found its plan outdated, but keeps what is applied', () => {
    const failure = { type: 'PlanOutdated' as const, message: 'The world has moved.' };
    const run = buildRequestRun({
      name: 'run-2',
      sequence: 2,
      outcome: 'failed',
      planDigest: PLAN,
      status: { failure },
    });
    const request = buildRequest({
      status: { applied: applied(), run: { name: 'run-2', action: 'Apply', attempt: 1 } },
    });
    const observation = observe({ request, runs: [buildRequestRun(), run] });
    const status = requestStatus(observation, decideRequest(observation));
    expect(status?.failure).to.equal(undefined);
    expect(status?.applied?.run).to.equal('run-1');
  });
});

describe('a class that approves within bounds', () => {
  it('waits for the approval of the platform, and shows a plan', () => {
    const resourceClass = buildClassView({
      spec: resourceClassSpecSchema.parse({
        title: 'Database',
        module: { source: './modules/database' },
        parameters: { type: 'object' },
        approval: { mode: 'Automatic', autoApprove: { maxDestroy: 0 } },
      }),
    });
    expect(outcome(observe({ resourceClass }))).to.equal('intend Plan');
    expect(outcome(observe({ resourceClass, runs: [planned()] }))).to.equal('AwaitingApproval');
  });
});
