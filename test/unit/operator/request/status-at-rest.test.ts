import { expect } from 'chai';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import { isSameStatus, requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

const LATER = new Date(NOW.getTime() + 1_000);

const classes = {
  'without checks': buildClassView(),
  'with checks of what stands': buildClassView({
    spec: {
      deletionPolicy: 'Delete',
      approval: { mode: 'Manual', onDelete: 'Automatic', preview: 'Skipped' },
      drift: { interval: '6h', action: 'Report' },
    },
  }),
};

/** A request that is provisioned, with the status that a look at it left. */
function buildResting(
  resourceClass: RequestObservation['resourceClass'],
): [RequestObservation, ResourceRequest] {
  const seen = buildObservation({
    resourceClass,
    request: buildRequest({ status: { applied: applied() } }),
    runs: [buildRequestRun({ status: { finishedAt: NOW.toISOString() } })],
    credentials: { kind: 'current', name: 'db-credentials' },
  });
  const status = requestStatus(seen, decideRequest(seen));
  return [seen, { ...seen.request, status }];
}

for (const [title, resourceClass] of Object.entries(classes)) {
  describe(`the status of a request at rest, of a class ${title}`, () => {
    const changes: Record<string, Partial<RequestObservation>> = {
      'when it is looked at again': {},
      'while an edit of its class was not checked yet': { resourceClass: { kind: 'unchecked' } },
    };
    for (const [sentence, change] of Object.entries(changes)) {
      it(`stays as it is ${sentence}`, () => {
        const [seen, request] = buildResting(resourceClass);
        const again = { ...seen, request, now: LATER, ...change };
        const status = requestStatus(again, decideRequest(again));
        expect(status && isSameStatus(request.status, status), JSON.stringify(status)).to.equal(
          true,
        );
      });
    }
  });
}
