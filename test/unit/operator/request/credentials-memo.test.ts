import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Secret } from '../../../../lib/kube/objects.ts';
import {
  CredentialsMemo,
  type AgreedCredentials,
} from '../../../../operator/request/credentials-memo.ts';
import { applied, buildRequest } from '../../../support/operator/request-builder.ts';

function buildSecret(metadata: Partial<Secret['metadata']> = {}): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db-credentials', uid: 'secret-1', resourceVersion: '7', ...metadata },
    data: { password: 'cGE1NXdvcmQ=' },
  };
}

function build(changes: Partial<AgreedCredentials> = {}): AgreedCredentials {
  const request = buildRequest({ status: { applied: applied() } });
  return { request, secret: buildSecret(), publicOutputs: { host: 'db' }, ...changes };
}

const others: Record<string, Partial<AgreedCredentials>> = {
  'another version of the Secret': { secret: buildSecret({ resourceVersion: '8' }) },
  'another Secret of that name': { secret: buildSecret({ uid: 'secret-2' }) },
  'no Secret': { secret: undefined },
  'another run': { request: buildRequest({ status: { applied: applied('run-2') } }) },
  'another class revision': {
    request: buildRequest({ status: { applied: { ...applied(), classRevision: 'database-2' } } }),
  },
  'a status that shows something else': { publicOutputs: { host: 'elsewhere' } },
  'a status that shows nothing': { publicOutputs: undefined },
  'another request': {
    request: buildRequest({ metadata: { uid: 'uid-2' }, status: { applied: applied() } }),
  },
};

describe('what is remembered of credentials', () => {
  for (const [title, changes] of Object.entries(others)) {
    it(`does not hold for ${title}`, () => {
      const memo = new CredentialsMemo();
      memo.remember(build());
      expect(memo.has(build(changes))).to.equal(false);
    });
  }

  it('holds for the same run and the same version of the Secret', () => {
    const memo = new CredentialsMemo();
    expect(memo.has(build())).to.equal(false);
    memo.remember(build());
    expect(memo.has(build())).to.equal(true);
  });

  it('is the last of each request, and no more than the capacity', () => {
    const memo = new CredentialsMemo(2);
    const of = (uid: string): AgreedCredentials =>
      build({ request: buildRequest({ metadata: { uid }, status: { applied: applied() } }) });
    for (const uid of ['a', 'a', 'b']) memo.remember(of(uid));
    expect(memo.size).to.equal(2);
    memo.remember(of('c'));
    expect(memo.size).to.equal(2);
    expect(['a', 'b', 'c'].map((uid) => memo.has(of(uid)))).to.deep.equal([false, true, true]);
    expect(['a', 'b', 'c'].map((uid) => memo.knows(uid))).to.deep.equal([false, true, true]);
  });

  it('contains no value', () => {
    const memo = new CredentialsMemo();
    memo.remember(build());
    expect(inspect(memo, { showHidden: true, depth: 9 })).not.to.match(/cGE1NXdvcmQ|pa55word/);
  });
});
