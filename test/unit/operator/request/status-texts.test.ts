import { expect } from 'chai';
import { REQUEST_CONDITIONS, findCondition, type Condition } from '../../../../crds/condition.ts';
import {
  resourceRequestSchema,
  type ResourceRequestStatus,
} from '../../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

const AUTOMATIC = buildClassView({
  spec: {
    deletionPolicy: 'Delete',
    approval: { mode: 'Automatic', onDelete: 'Automatic' },
  },
});
const noApproval = { approval: { kind: 'none' as const } };
const current = { credentials: { kind: 'current' as const, name: 'db-credentials' } };
const retryAt = new Date(NOW.getTime() + 60_000).toISOString();
const failure = { type: 'Configuration' as const, message: 'no such region: "moon"\nsee the list' };
const deleting = { deletionTimestamp: NOW.toISOString() };

function annotated(name: string): { annotations: Record<string, string> } {
  return { annotations: { [`quartermaster.dev/${name}`]: 'true' } };
}

/** A run under way, as the run controller describes it. */
function runWith(
  reason: string,
  message: string,
  action: 'Apply' | 'Destroy' = 'Apply',
): ResourceRun {
  const run = buildRequestRun({
    name: `db-${action.toLowerCase()}-1`,
    action,
    outcome: 'unfinished',
    sequence: 2,
  });
  const [condition] = run.status?.conditions ?? [];
  return { ...run, status: { conditions: [{ ...condition!, reason, message }] } };
}

function during(run: ResourceRun, metadata = {}, before: ResourceRequestStatus = {}) {
  const { name } = run.metadata;
  const status = { ...before, run: { name, action: run.spec.action, attempt: 1 } };
  return { request: buildRequest({ metadata, status }), runs: [buildRequestRun(), run] };
}

type Expectation = [Partial<RequestObservation>, Record<string, string>];

/** What `kubectl describe rr` shows: the situation, and what is said about it. */
const situations: Record<string, Expectation> = {
  'that waits for an approval': [
    { ...noApproval, request: buildRequest() },
    {
      Ready:
        'False AwaitingApproval: Waits for an approval: nothing is started before somebody who may approve it says yes.',
      Approved:
        'False AwaitingApproval: Waits for an approval: nothing is started before somebody who may approve it says yes.',
      Provisioned: 'False NotProvisioned: Nothing is provisioned.',
      CredentialsReady: 'False NotProvisioned: Nothing is provisioned.',
      Reconciling: 'False Idle: Nothing is in progress.',
      Stalled: 'False Idle: Nothing has to be corrected.',
      Drifted: 'Unknown NotChecked: Nothing is provisioned that could be checked.',
      UpgradeAvailable: 'False NotProvisioned: Nothing is provisioned.',
    },
  ],
  'of a class that is not there': [
    { resourceClass: { kind: 'missing' } },
    {
      Ready: 'False ClassNotFound: There is no class "database".',
      Stalled: 'True ClassNotFound: There is no class "database".',
    },
  ],
  'whose run waits for its turn': [
    during(runWith('Queued', 'Waits for its turn.')),
    {
      Ready: 'False Provisioning: Run db-apply-1 waits for its turn.',
      Reconciling: 'True RunInProgress: Run db-apply-1 waits for its turn.',
    },
  ],
  'whose run is at work': [
    during(runWith('Started', 'Job db-apply-1.')),
    {
      Ready: 'False Provisioning: Run db-apply-1 applies what was approved.',
      Reconciling: 'True RunInProgress: Run db-apply-1 applies what was approved.',
    },
  ],
  'whose run cannot begin': [
    during(runWith('ImagePullBackOff', 'no such image')),
    {
      Ready:
        'False Provisioning: Run db-apply-1 cannot begin yet (ImagePullBackOff: no such image).',
    },
  ],
  'that has failed': [
    {
      resourceClass: AUTOMATIC,
      request: buildRequest({ status: { failure } }),
      runs: [buildRequestRun({ outcome: 'failed', status: { failure } })],
    },
    {
      Ready: 'False RunFailed: Configuration: no such region: "moon"\nsee the list',
      Provisioned: 'False RunFailed: The last run failed (Configuration).',
      Reconciling: 'False Idle: Nothing is in progress.',
      Stalled:
        'True RunFailed: The last run failed (Configuration). It is not tried again by itself: change the request, or set the annotation quartermaster.dev/reconcile-at.',
    },
  ],
  'that is tried again by itself': [
    {
      request: buildRequest({ status: { failure: { ...failure, retryAt } } }),
      runs: [buildRequestRun({ outcome: 'failed', status: { failure } })],
    },
    {
      Reconciling: `True RetryWaiting: The next attempt is at ${retryAt}.`,
      Stalled: 'False Idle: Nothing has to be corrected.',
    },
  ],
  'that is ready': [
    {
      ...current,
      request: buildRequest({ status: { applied: applied() } }),
      runs: [buildRequestRun()],
    },
    {
      Ready: 'True Available: What was approved is what runs.',
      Approved: 'True Approved: The inputs are approved.',
      Provisioned: 'True Applied: Run run-1 has applied what was approved.',
      CredentialsReady: 'True Written: The credentials are in Secret "db-credentials".',
      UpgradeAvailable: 'False UpToDate: The class is the one that was applied.',
    },
  ],
  'that is paused': [
    { request: buildRequest({ metadata: annotated('paused') }) },
    {
      Ready:
        'False Paused: Nothing is started as long as the annotation quartermaster.dev/paused is there.',
    },
  ],
  'that is being deleted': [
    during(runWith('Started', 'Job x.', 'Destroy'), deleting, { applied: applied() }),
    {
      Ready: 'False Deprovisioning: Run db-destroy-1 destroys what was made.',
      Reconciling: 'True RunInProgress: Run db-destroy-1 destroys what was made.',
    },
  ],
  'that is protected against deletion': [
    {
      request: buildRequest({
        metadata: { ...deleting, ...annotated('deletion-protection') },
        status: { applied: applied() },
      }),
      runs: [buildRequestRun()],
    },
    {
      Ready:
        'False DeletionProtected: It is not deleted as long as the annotation quartermaster.dev/deletion-protection is there.',
    },
  ],
  'that could not be destroyed': [
    {
      request: buildRequest({ metadata: deleting, status: { applied: applied(), failure } }),
      runs: [
        buildRequestRun(),
        buildRequestRun({ name: 'run-2', action: 'Destroy', outcome: 'failed', sequence: 2 }),
      ],
    },
    { Ready: 'False DeprovisioningFailed: Configuration: no such region: "moon"\nsee the list' },
  ],
  'whose Secret belongs to somebody else': [
    {
      credentials: { kind: 'foreign', name: 'db-credentials' },
      request: buildRequest({ status: { applied: applied() } }),
      runs: [buildRequestRun()],
    },
    {
      Ready:
        'False CredentialsConflict: There is a Secret "db-credentials" that is not ours; it is left alone.',
    },
  ],
  'whose class is newer': [
    {
      ...current,
      resourceClass: buildClassView({ digest: 'sha256:newer', revisionName: 'database-2' }),
      request: buildRequest({ status: { applied: applied() } }),
      runs: [buildRequestRun()],
    },
    {
      Ready: 'True Available: What was approved is what runs.',
      UpgradeAvailable:
        'True NewerClass: Revision database-2 is newer; moving to it needs an approval.',
    },
  ],
};

function statusOf(observation: RequestObservation): ResourceRequestStatus {
  const status = requestStatus(observation, decideRequest(observation));
  if (status === undefined) throw new Error('nothing is said');
  return status;
}

describe('what is said about a request', () => {
  for (const [title, [changes, expected]] of Object.entries(situations)) {
    describe(title, () => {
      const observation = buildObservation(changes);
      const status = statusOf(observation);

      it('is what a person can act upon', () => {
        for (const [type, text] of Object.entries(expected)) {
          const condition = findCondition(status.conditions, type)!;
          expect(`${condition.status} ${condition.reason}: ${condition.message}`).to.equal(text);
        }
      });

      it('is said in every condition, of the generation that was looked at', () => {
        expect(status.conditions?.map(({ type }) => type)).to.have.members([...REQUEST_CONDITIONS]);
        expect(status.observedGeneration).to.equal(observation.request.metadata.generation);
        for (const condition of status.conditions ?? []) {
          expect(condition.observedGeneration).to.equal(status.observedGeneration);
        }
      });

      it('is whole sentences, and fits the schema', () => {
        expect(resourceRequestSchema.shape.status.safeParse(status).success).to.equal(true);
        for (const { type, message } of status.conditions ?? []) {
          // The engine's own words are left as they are.
          if (type === 'Ready' && status.failure !== undefined) continue;
          expect(message, type).to.match(/^[A-Z].*\.$/);
        }
      });

      it('names nothing of the inside', () => {
        const texts = (status.conditions ?? []).map(({ message }) => message).join('\n');
        expect(texts).not.to.match(
          /sha256|uid|undefined|null|\bJob\b|\bLease\b|reconcile[dr]|finalizer/,
        );
      });

      it('keeps its times when it is said again', () => {
        const later = new Date(NOW.getTime() + 3_600_000);
        const again = statusOf({
          ...observation,
          now: later,
          request: { ...observation.request, status },
        });
        const times = ({ conditions = [] }: ResourceRequestStatus): string[] =>
          conditions
            .filter(({ type }) => isSame(type, status, again))
            .map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`);
        expect(times(again)).to.deep.equal(times(status));
        expect(times(status)).to.have.length.above(4);
      });
    });
  }
});

function isSame(type: string, a: ResourceRequestStatus, b: ResourceRequestStatus): boolean {
  const say = (status: ResourceRequestStatus): Condition['status'] | undefined =>
    findCondition(status.conditions, type)?.status;
  return say(a) === say(b);
}
