import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import { describeClass } from '../../../../operator/class/describe-class.ts';

const READY = {
  type: 'Ready',
  status: 'True' as const,
  reason: 'Valid',
  message: 'It can be used.',
  lastTransitionTime: '2026-01-01T12:00:00.000Z',
};

function buildClass(
  generation: number,
  status: Partial<NonNullable<ResourceClass['status']>> = {},
): ResourceClass {
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceClass',
    metadata: { name: 'database', uid: 'uid-1', generation },
    spec: { title: 'Database', module: { source: './database' }, parameters: {} },
    status: { observedGeneration: 1, digest: 'sha256:1', conditions: [READY], ...status },
  } as ResourceClass;
}

describe('what the requests of a class look at', () => {
  const before = describeClass(buildClass(1));

  const changes: Record<string, [ResourceClass | undefined, 'nothing' | 'same' | 'news']> = {
    'is nothing new before an edit was checked': [buildClass(2), 'nothing'],
    'is the same when only its requests were counted': [buildClass(1, { requests: 7 }), 'same'],
    'is new when an edit was checked': [buildClass(2, { observedGeneration: 2 }), 'news'],
    'is new when the class cannot be used any more': [
      buildClass(1, { conditions: [{ ...READY, status: 'False' }] }),
      'news',
    ],
    'is new when the class is gone': [undefined, 'news'],
  };
  for (const [sentence, [changed, expected]] of Object.entries(changes)) {
    it(sentence, () => {
      const after = describeClass(changed);
      const found = after === undefined ? 'nothing' : after === before ? 'same' : 'news';
      expect(found).to.equal(expected);
    });
  }
});
