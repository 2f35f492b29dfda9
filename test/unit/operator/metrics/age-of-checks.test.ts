import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import { resourceClassSpecSchema, type ResourceClass } from '../../../../crds/resource-class.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { ageOfOldestCheck } from '../../../../operator/metrics/age-of-checks.ts';
import {
  applied,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

function ago(seconds: number): { finishedAt: string } {
  return { finishedAt: new Date(NOW.getTime() - seconds * 1_000).toISOString() };
}

function buildClass(drift?: object): ResourceClass {
  const spec = resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
    drift,
  });
  return { apiVersion: API_VERSION, kind: 'ResourceClass', metadata: { name: 'database' }, spec };
}

const checkedClass = buildClass({ interval: '1h' });
const standing = buildRequest({ status: { applied: applied() } });
const apply = buildRequestRun({ status: ago(900) });
const check = (seconds: number, outcome: 'succeeded' | 'failed'): ResourceRun =>
  buildRequestRun({ action: 'Check', outcome, status: ago(seconds) });

describe('the time since the last good check', () => {
  const cases: Record<string, [Parameters<typeof ageOfOldestCheck>[0], number]> = {
    'is 0 where no class asks for checks': [
      { requests: [standing], runs: [apply], classes: [buildClass()] },
      0,
    ],
    'is 0 where nothing stands': [
      { requests: [buildRequest()], runs: [], classes: [checkedClass] },
      0,
    ],
    'counts from the apply as long as there is none': [
      { requests: [standing], runs: [apply], classes: [checkedClass] },
      900,
    ],
    'counts from the last good one, however many have failed since': [
      {
        requests: [standing],
        runs: [apply, check(600, 'succeeded'), check(60, 'failed')],
        classes: [checkedClass],
      },
      600,
    ],
  };
  for (const [sentence, [seen, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(ageOfOldestCheck(seen, NOW.getTime())).to.equal(expected);
    });
  }
});
