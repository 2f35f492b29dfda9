import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { decodeRunPlan, encodeRunPlan, type RunPlan } from '../../../crds/run-plan.ts';
import { rejection } from '../../support/rejection.ts';

const PLAN: RunPlan = {
  planDigest: 'sha256:aa',
  inputsDigest: 'sha256:bb',
  classRevision: 'postgres-0123456789',
  stateVersion: 3,
  providersDigest: 'sha256:cc',
  changes: { add: 1, change: 0, destroy: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
  resources: [
    {
      address: 'thing.a',
      type: 'thing',
      action: 'create',
      attributes: [{ path: 'name', after: { json: '"x"' } }],
      attributesOmitted: 0,
    },
  ],
  resourcesOmitted: 0,
  text: '+ thing.a',
};

describe('a plan in a ConfigMap', () => {
  it('is read as it was written', async () => {
    expect(await decodeRunPlan(await encodeRunPlan(PLAN))).to.deep.equal(PLAN);
  });

  it('is refused when it is something else', async () => {
    const other = gzipSync(JSON.stringify({ ...PLAN, values: { password: 'x' } }));
    await rejection(decodeRunPlan(other.toString('base64')));
  });

  it('is refused when it unpacks to more than a plan can be', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await rejection(decodeRunPlan(bomb.toString('base64')));
  });
});
