import { expect } from 'chai';
import { findCondition, type Condition } from '../../../../crds/condition.ts';
import type { Drift } from '../../../../crds/drift.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { nextCheck, nextRepair } from '../../../../operator/request/checks.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import { requeueAfter } from '../../../../operator/request/decide-requeue.ts';
import type { RequestDecision } from '../../../../operator/request/decision.ts';
import { noticesBetween } from '../../../../operator/request/events.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import { findPrunableRuns } from '../../../../operator/request/runs.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildApproval,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

const HOUR = 3_600_000;
const asked = { annotations: { 'quartermaster.dev/reconcile-at': 'now' } };
const paused = { annotations: { 'quartermaster.dev/paused': 'true' } };
const found: Drift = {
  resources: [{ address: 'module.resource.x', action: 'update', attributes: ['size'] }],
  omitted: 2,
};
const nothing: Drift = { resources: [], omitted: 0 };
const failure = { type: 'Transient' as const, message: 'no route to host\nmore' };

function ago(milliseconds: number): string {
  return new Date(NOW.getTime() - milliseconds).toISOString();
}

function classWith(action: 'Report' | 'Reapply' = 'Report') {
  const view = buildClassView();
  if (view.kind !== 'ready') throw new Error('not a usable class');
  return { ...view, spec: { ...view.spec, drift: { interval: '1h', action } } };
}

function applyRun(hoursAgo: number, repair?: number): ResourceRun {
  const status = { finishedAt: ago(hoursAgo * HOUR) };
  return buildRequestRun({ status, ...(repair === undefined ? {} : { repair }) });
}

function check(
  sequence: number,
  hoursAgo: number,
  outcome: Drift | 'failed' | 'unfinished' | 'started' = nothing,
): ResourceRun {
  const finishedAt = ago(hoursAgo * HOUR);
  const statuses = {
    failed: { finishedAt, failure },
    unfinished: {},
    started: { jobName: 'job' },
  };
  const name = `check-${sequence}`;
  if (typeof outcome === 'object') {
    return buildRequestRun({
      name,
      sequence,
      action: 'Check',
      status: { finishedAt, drift: outcome },
    });
  }
  return buildRequestRun({
    name,
    sequence,
    action: 'Check',
    outcome: outcome === 'failed' ? 'failed' : 'unfinished',
    status: statuses[outcome],
  });
}

/** A request that stands, with what is known of it. */
function observe(
  runs: ResourceRun[],
  changes: Partial<RequestObservation> & { metadata?: object; spec?: object; run?: string } = {},
): RequestObservation {
  const { metadata = {}, spec = {}, run, ...rest } = changes;
  const current =
    run === undefined ? {} : { run: { name: run, action: 'Check' as const, attempt: 1 } };
  return buildObservation({
    request: buildRequest({ metadata, spec, status: { applied: applied(), ...current } }),
    resourceClass: classWith(),
    approval: { kind: 'none' },
    credentials: { kind: 'not-needed' },
    runs,
    ...rest,
  });
}

function describeDecision(decision: RequestDecision): string {
  if (decision.kind === 'intend-run') {
    return `${decision.run.action} ${decision.run.repair ?? ''}`.trim();
  }
  return decision.kind === 'wait' ? decision.reason : decision.kind;
}

function drifted(observation: RequestObservation): Condition {
  const status = requestStatus(observation, decideRequest(observation));
  return findCondition(status?.conditions, 'Drifted')!;
}

const longAgo = 3;
const edited = { spec: { parameters: { size: 9 } } };

describe('the decision about a check for drift', () => {
  const cases: Record<string, [RequestObservation, string]> = {
    'makes none where the class asks for none': [
      observe([applyRun(longAgo)], { resourceClass: buildClassView() }),
      'idle',
    ],
    'makes none of what was applied just now': [observe([applyRun(0)]), 'idle'],
    'makes none right after the last one': [observe([applyRun(longAgo), check(2, 0)]), 'idle'],
    'makes none of a paused request': [
      observe([applyRun(longAgo)], { metadata: paused }),
      'paused',
    ],
    'makes none of what failed half way': [
      observe([applyRun(longAgo)], {
        request: buildRequest({ status: { applied: applied(), failure } }),
      }),
      'AwaitingApproval',
    ],
    'makes none of what was never applied': [
      observe([], { request: buildRequest() }),
      'AwaitingApproval',
    ],
    'makes none where nobody can say what was applied': [observe([]), 'AwaitingApproval'],
    'makes none while it is deleted': [
      observe([applyRun(longAgo)], { metadata: { deletionTimestamp: NOW.toISOString() } }),
      'Destroy',
    ],
    'makes one of what stands when somebody asks and no approval holds': [
      observe([applyRun(0)], { metadata: asked, resourceClass: buildClassView() }),
      'Check',
    ],
    'makes an apply when somebody asks under an approval that holds': [
      observe([applyRun(0)], { metadata: asked, approval: buildApproval() }),
      'Apply',
    ],
    'makes one of what stands while a change of it waits': [
      observe([applyRun(0)], { metadata: asked, ...edited }),
      'Check',
    ],
    'waits for one that is under way': [
      observe([applyRun(longAgo), check(2, 0, 'started')], { run: 'check-2' }),
      'await-run',
    ],
    'takes one back that has not begun, when a change is approved': [
      observe([applyRun(longAgo), check(2, 0, 'unfinished')], {
        run: 'check-2',
        metadata: asked,
        approval: buildApproval(),
      }),
      'withdraw-check',
    ],
    'takes one back that has not begun, when the request is paused': [
      observe([applyRun(longAgo), check(2, 0, 'unfinished')], { run: 'check-2', metadata: paused }),
      'withdraw-check',
    ],
    'leaves one alone that waits for its turn, while nothing else is to do': [
      observe([applyRun(longAgo), check(2, 0, 'unfinished')], { run: 'check-2' }),
      'await-run',
    ],
    'waits for one that has begun, although a change is approved': [
      observe([applyRun(longAgo), check(2, 0, 'started')], {
        run: 'check-2',
        metadata: asked,
        approval: buildApproval(),
      }),
      'await-run',
    ],
    'repairs credentials while one waits for its turn': [
      observe([applyRun(longAgo), check(2, 0, 'unfinished')], {
        run: 'check-2',
        credentials: {
          kind: 'stale',
          desired: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } },
          actual: undefined,
        },
      }),
      'write-credentials',
    ],
  };
  for (const [sentence, [observation, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(describeDecision(decideRequest(observation))).to.equal(expected);
    });
  }

  it('makes one when it is time, and looks again at that moment', () => {
    const before = observe([applyRun(0)]);
    const due = nextCheck(before)!;
    expect(describeDecision(decideRequest(before))).to.equal('idle');
    expect(requeueAfter(before, { kind: 'idle' })).to.equal(
      Math.min(due.getTime() - NOW.getTime(), HOUR),
    );
    const then = observe([applyRun(0)], { now: due });
    expect(describeDecision(decideRequest(then))).to.equal('Check');
  });

  it('checks what was applied, whatever is asked for now', () => {
    const decision = decideRequest(observe([applyRun(0)], { metadata: asked, ...edited }));
    if (decision.kind !== 'intend-run') throw new Error(decision.kind);
    const { inputsDigest, parameters, classRevision } = decision.run;
    expect({ inputsDigest, parameters, classRevision }).to.deep.equal({
      inputsDigest: applied()?.inputsDigest,
      parameters: { size: 1 },
      classRevision: 'database-1',
    });
  });

  it('tries a failed one again within a quarter of an hour', () => {
    const observation = observe([applyRun(longAgo), check(2, 0, 'failed')], {
      resourceClass: classWith(),
    });
    const wait = nextCheck(observation)!.getTime() - NOW.getTime();
    expect(wait).to.be.within(HOUR / 8, (HOUR * 3) / 8);
  });
});

describe('the decision about drift that was found', () => {
  const reapply = { resourceClass: classWith('Reapply') };
  const cases: Record<string, [RequestObservation, string]> = {
    'does nothing where the class only reports': [
      observe([applyRun(longAgo), check(2, 0, found)]),
      'idle',
    ],
    'applies what was approved again': [
      observe([applyRun(longAgo), check(2, 0, found)], reapply),
      'Apply 1',
    ],
    'does nothing while it is paused': [
      observe([applyRun(longAgo), check(2, 0, found)], { ...reapply, metadata: paused }),
      'paused',
    ],
    'does nothing while a change waits': [
      observe([applyRun(longAgo), check(2, 0, found)], { ...reapply, ...edited }),
      'AwaitingApproval',
    ],
    'does nothing about drift that a later check has not found any more': [
      observe([applyRun(longAgo), check(2, 1, found), check(3, 0)], reapply),
      'idle',
    ],
    'does not repeat itself at once when it drifts again after a repair': [
      observe([applyRun(longAgo, 1), check(2, 0, found)], reapply),
      'idle',
    ],
    'repeats itself later': [
      observe([applyRun(longAgo, 1), check(2, 0.3, found), check(3, 0, 'failed')], reapply),
      'Apply 2',
    ],
    'begins anew when it was in order in between': [
      observe([applyRun(longAgo, 4), check(2, 1), check(3, 0, found)], reapply),
      'Apply 1',
    ],
  };
  for (const [sentence, [observation, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(describeDecision(decideRequest(observation))).to.equal(expected);
    });
  }

  it('waits ever longer, up to a day and a bit', () => {
    const waits = [1, 2, 3, 4, 10, 50].map((repair) => {
      const observation = observe([applyRun(longAgo, repair), check(2, 0, found)], reapply);
      return nextRepair(observation)!.dueAt.getTime() - NOW.getTime();
    });
    expect(waits).to.deep.equal(waits.toSorted((a, b) => a - b));
    expect(waits[0]).to.be.within(5 * 60_000, 15 * 60_000);
    expect(waits.at(-1)).to.equal(24 * HOUR);
  });
});

describe('what is said about drift', () => {
  const cases: Record<string, [RequestObservation, string, string, RegExp]> = {
    'nothing stands': [
      observe([], { request: buildRequest() }),
      'Unknown',
      'NotChecked',
      /^Nothing is provisioned that could be checked\.$/,
    ],
    'the class asks for no checks': [
      observe([applyRun(0)], { resourceClass: buildClassView() }),
      'Unknown',
      'NotChecked',
      /^The class asks for no checks\.$/,
    ],
    'no check was made yet': [
      observe([applyRun(0)]),
      'Unknown',
      'NotChecked',
      /^It was not checked since it was applied\. The next check is due at \S+Z\.$/,
    ],
    'all is well': [
      observe([applyRun(longAgo), check(2, 0)]),
      'False',
      'InSync',
      /^The check at 2026-01-01T12:00:00Z found no difference\.$/,
    ],
    'something differs': [
      observe([applyRun(longAgo), check(2, 0, found)]),
      'True',
      'Drifted',
      /found differences: module\.resource\.x \(update: size\) and 2 more\.$/,
    ],
    'something differs and will be put right': [
      observe([applyRun(longAgo, 1), check(2, 0, found)], { resourceClass: classWith('Reapply') }),
      'True',
      'Drifted',
      /What was approved is applied again at \S+Z\.$/,
    ],
    'it was put right': [
      observe([applyRun(0, 1)], { resourceClass: classWith('Reapply') }),
      'False',
      'Reapplied',
      /^What had drifted was applied again\./,
    ],
    'the check failed': [
      observe([applyRun(longAgo), check(2, 1), check(3, 0, 'failed')]),
      'Unknown',
      'CheckFailed',
      /failed \(Transient: no route to host\)\. The last good one was at 2026-01-01T11:00:00Z\./,
    ],
  };
  for (const [sentence, [observation, status, reason, message]] of Object.entries(cases)) {
    it(`when ${sentence}`, () => {
      const condition = drifted(observation);
      expect(condition).to.include({ status, reason });
      expect(condition.message).to.match(message);
    });
  }

  it('is an Event when it begins and when it is over, and no other', () => {
    const say = (reason: string, status: 'True' | 'False' | 'Unknown') => ({
      conditions: [
        { type: 'Drifted', status, reason, message: 'x', lastTransitionTime: NOW.toISOString() },
      ],
    });
    const between = (a: ReturnType<typeof say>, b: ReturnType<typeof say>): string[] =>
      noticesBetween(a, b).map(({ type, reason }) => `${type} ${reason}`);
    const fresh = say('NotChecked', 'Unknown');
    const fine = say('InSync', 'False');
    const bad = say('Drifted', 'True');
    const failed = say('CheckFailed', 'Unknown');
    expect(between(fresh, fine)).to.deep.equal([]);
    expect(between(fine, bad)).to.deep.equal(['Warning Drifted']);
    expect(between(bad, say('Reapplied', 'False'))).to.deep.equal(['Normal Reapplied']);
    expect(between(fine, failed)).to.deep.equal(['Warning CheckFailed']);
    expect(between(failed, fine)).to.deep.equal(['Normal InSync']);
  });
});

describe('a check under way', () => {
  for (const [title, outcome] of [
    ['waits for its turn', 'unfinished'],
    ['runs', 'started'],
    ['has failed', 'failed'],
  ] as const) {
    it(`changes nothing that is said about the request while it ${title}`, () => {
      const runs = [applyRun(longAgo), check(2, 0, outcome)];
      const without = observe([applyRun(longAgo)], { resourceClass: buildClassView() });
      const rest = requestStatus(without, { kind: 'idle' });
      const observation = observe(runs, { run: 'check-2', resourceClass: buildClassView() });
      const status = requestStatus(observation, decideRequest(observation));
      for (const type of ['Ready', 'Approved', 'Provisioned', 'Reconciling', 'Stalled']) {
        const [mine, theirs] = [status, rest].map((one) => findCondition(one?.conditions, type));
        expect(mine, type).to.deep.equal(theirs);
      }
      expect(status?.failure).to.equal(undefined);
    });
  }
});

describe('the runs that are kept', () => {
  it('are few checks, but the last good one, and no real run goes for them', () => {
    const checks = Array.from({ length: 20 }, (_, at) =>
      check(at + 2, 0, at === 5 ? nothing : 'failed'),
    );
    const gone = findPrunableRuns([applyRun(longAgo), ...checks], ['run-1']);
    const left = checks.filter((run) => !gone.includes(run)).map(({ metadata }) => metadata.name);
    expect(left).to.deep.equal(['check-7', 'check-19', 'check-20', 'check-21']);
    expect(gone.some(({ spec }) => spec.action !== 'Check')).to.equal(false);
  });
});
